import type { EvseView } from '@busbar/contracts/lan-api/site-view.ts'
import type { RowAccountView, WhyView } from '@busbar/contracts/lan-api/why.ts'
import { At } from '@busbar/ui-kit/components/age.tsx'
import { PowerBar } from '@busbar/ui-kit/components/power-bar.tsx'
import { Fact, Facts } from '@busbar/ui-kit/components/sheet.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { useEffect, useState } from 'react'
import { evsePath, fetchWhy } from '../acts.ts'

/** Asked again so often while the sheet is open, real ms; the figures move. */
const AGAIN = 5_000

/** The newest answer; null until there is one. It is asked anew when the card's reason changes. */
function useWhy(evse: EvseView): WhyView | null {
  const [why, setWhy] = useState<WhyView | null>(null)
  const path = evsePath(evse)
  const moved = `${evse.reason} ${evse.offered_w} ${evse.pending_w}`
  useEffect(() => {
    const gone = new AbortController()
    const look = async () => {
      const answer = await fetchWhy(path, gone.signal)
      if ('ok' in answer && !gone.signal.aborted) setWhy(answer.ok)
    }
    const timer = setInterval(look, AGAIN)
    if (moved !== '') void look()
    return () => {
      gone.abort()
      clearInterval(timer)
    }
  }, [path, moved])
  return why !== null && evsePath(why) === path ? why : null
}

const number = (value: number): string => String(Math.round(value * 10) / 10)
const amount = (unit: RowAccountView['unit'], value: number): string =>
  unit === 'A' ? `${number(value)} A` : `${(value / 1000).toFixed(1)} kW`
const others = (n: number): string => (n === 1 ? '1 other' : `${n} others`)

function Account({ row }: { row: RowAccountView }) {
  const { unit, building, own, limit } = row
  const label = `${row.name}: building ${amount(unit, building)}, ${others(row.other_count)} ${amount(unit, row.others)}, this one ${amount(unit, own)} of ${amount(unit, limit)}`
  return (
    <>
      <PowerBar
        className="why-bar"
        pieces={[
          { part: 'building', value: building },
          { part: 'vehicles', value: row.others + own },
        ]}
        limit={limit}
        label={label}
      />
      <Facts>
        <Fact name={row.name} small={row.duty === 'contract' ? 'agreed, not a rating' : null}>
          {amount(unit, row.used).split(' ')[0]} of {amount(unit, limit)}
        </Fact>
        <Fact name="Building">{amount(unit, building)}</Fact>
        <Fact
          name={others(row.other_count)}
          small={row.counted === 'holds' ? 'what they may draw already' : null}
        >
          {amount(unit, row.others)}
        </Fact>
        <Fact name="This one">{amount(unit, own)}</Fact>
        <Fact name="One step more">{amount(unit, row.step)}</Fact>
      </Facts>
    </>
  )
}

/** Why the EVSE has its limit: the sentence, what fills the row that holds it, and what would free it. */
export function WhyPanel({ evse, times }: { evse: EvseView; times: DepotTime }) {
  const why = useWhy(evse)
  return (
    <section aria-label="Why">
      <p className="sheet-reason" aria-live="polite">
        {why?.sentence ?? evse.reason}
      </p>
      {why?.row ? <Account row={why.row} /> : null}
      {why !== null && (why.also.length > 0 || why.frees !== null) ? (
        <Facts>
          {why.also.length === 0 ? null : (
            <Fact name="Also full">{why.also.map(({ name }) => name).join('; ')}</Fact>
          )}
          {why.frees === null ? null : (
            <Fact
              name="Frees it"
              small={why.frees.at === null ? null : <At at={why.frees.at} times={times} form="near" />}
            >
              {why.frees.what}
            </Fact>
          )}
        </Facts>
      ) : null}
    </section>
  )
}
