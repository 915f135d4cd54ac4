import type { DepotView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import type { StateSnapshot } from '@busbar/contracts/sync/state-snapshot.ts'
import { Age, At } from '@busbar/ui-kit/components/age.tsx'
import { type Tone, ToneMark } from '@busbar/ui-kit/components/chip.tsx'
import type { BarPiece } from '@busbar/ui-kit/components/power-bar.tsx'
import { SeverityCounts } from '@busbar/ui-kit/components/severity.tsx'
import { type DepotTime, depotTime } from '@busbar/ui-kit/depot-time.ts'
import { kilowattLimit, kilowatts } from '@busbar/ui-kit/format.ts'
import { countSeverities } from './fleet-figures.ts'

/** Times of the depot; of a depot not heard yet, UTC. */
export const timesOf = ({ snapshot }: DepotView): DepotTime => depotTime(snapshot?.depot.time_zone ?? 'UTC')

const TONES: Record<DepotView['link']['state'], Tone> = {
  live: 'ok',
  delayed: 'warn',
  offline: 'none',
  never: 'none',
}

/** State of the link, and how old the picture is. */
export function LinkWords({ depot }: { depot: DepotView }) {
  const { state, since } = depot.link
  const times = timesOf(depot)
  return (
    <span className="link">
      <ToneMark tone={TONES[state]} />
      <span>
        {state === 'never' ? 'not heard yet' : state}
        {state === 'live' ? (
          <>
            {' '}
            · <Age at={depot.as_of} />
          </>
        ) : null}
        {state === 'delayed' || state === 'offline' ? (
          <>
            {' '}
            since <At at={since} times={times} form="near" />
            <small>
              values <Age at={depot.as_of} /> old
            </small>
          </>
        ) : null}
      </span>
    </span>
  )
}

/** The site's bar, in W; see the depot's own page for the same. */
export function depotPieces({ import_w, building_w, vehicles_w, held_w }: StateSnapshot['site']): BarPiece[] {
  const vehicles = vehicles_w ?? 0
  const rest = import_w === null ? 0 : import_w - vehicles
  const first: BarPiece =
    building_w === null ? { part: 'measured', value: rest } : { part: 'building', value: building_w }
  return [first, { part: 'vehicles', value: vehicles }, { part: 'held', value: held_w }]
}

/** The site's bar in words. */
export const describeSite = (site: StateSnapshot['site']): string =>
  `Building ${kilowatts(site.building_w)}, vehicles ${kilowatts(site.vehicles_w)}, held ${kilowatts(site.held_w)} of ${kilowattLimit(site.limit_w)} kW`

/** Open problems by severity. */
export function Problems({ snapshot }: { snapshot: StateSnapshot | null }) {
  if (snapshot === null) return <>–</>
  if (snapshot.incidents_total === 0) return <span className="none">none</span>
  return (
    <span className="severities">
      <SeverityCounts counts={countSeverities(snapshot)} />
    </span>
  )
}
