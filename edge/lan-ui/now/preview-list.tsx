import type { ManualPreview } from '@busbar/contracts/lan-api/manual.ts'
import { At } from '@busbar/ui-kit/components/age.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { kilowatts } from '@busbar/ui-kit/format.ts'
import { READINESS } from './aside.tsx'

const SHOWN = 6
type Change = ManualPreview['changes'][number]

/** Whether the vehicle would leave less sure of what it needs. */
const worse = ({ readiness_before: before, readiness_after: after }: Change): boolean =>
  before !== after && (after === 'at-risk' || after === 'not-ready')

/** Who loses and who gains, and which departures come to be at risk. */
export function PreviewList({ preview, times }: { preview: ManualPreview; times: DepotTime }) {
  const { changes } = preview
  if (changes.length === 0) return <p className="empty">Nobody gets less or more by it just now.</p>
  const more = changes.length - SHOWN
  return (
    <>
      <p>
        Vehicles in all: <b>{kilowatts(preview.total_before_w)}</b> →{' '}
        <b>{kilowatts(preview.total_after_w)} kW</b>
      </p>
      <ul className="preview">
        {changes.slice(0, SHOWN).map((change) => (
          <li key={`${change.station}/${change.evse}`}>
            <b>{change.label}</b> {change.vehicle ?? ''}
            <span>
              {kilowatts(change.before_w)} → {kilowatts(change.after_w)} kW
            </span>
            {worse(change) && change.readiness_after !== null ? (
              <small className={`readiness ${change.readiness_after}`}>
                leaves <At at={change.departure_at} times={times} form="near" />:{' '}
                {READINESS[change.readiness_after]}
              </small>
            ) : null}
          </li>
        ))}
      </ul>
      {more > 0 ? <p className="empty">and {more} more</p> : null}
    </>
  )
}
