import type { DepotView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import type { StateSnapshot } from '@busbar/contracts/sync/state-snapshot.ts'
import { At } from '@busbar/ui-kit/components/age.tsx'
import { Sparkline } from '@busbar/ui-kit/components/sparkline.tsx'
import { StateMark } from '@busbar/ui-kit/components/state-mark.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { kilowattLimit, kilowatts, percent } from '@busbar/ui-kit/format.ts'
import { ProblemList } from './depot-sheet.tsx'
import { timesOf } from './depot-words.tsx'

function LastHour({ depot, limit, times }: { depot: DepotView; limit: number; times: DepotTime }) {
  const [first] = depot.trend
  const last = depot.trend.at(-1)
  if (!first || !last || first === last) return <p className="empty">No trend yet</p>
  return (
    <figure className="last-hour">
      <figcaption className="small-heading">
        Last hour <span>limit {kilowattLimit(limit)} kW</span>
      </figcaption>
      <Sparkline
        values={depot.trend.map(({ import_w }) => import_w)}
        limit={limit}
        label={`Power in the last hour, last ${kilowatts(last.import_w)} kW`}
      />
      <p>
        <At at={first.at} times={times} /> <At at={last.at} times={times} />
      </p>
    </figure>
  )
}

const StationTiles = ({ evses }: Pick<StateSnapshot, 'evses'>) => (
  <ul className="station-tiles">
    {evses.map(([station, evse, state, power_w, soc_pct, vehicle]) => (
      <li key={`${station}/${evse}`}>
        <p>
          <StateMark state={state} word={false} />
          <b>{evse === 1 ? station : `${station}/${evse}`}</b>
          <span>{kilowatts(power_w)} kW</span>
        </p>
        <p className="station-vehicle">
          <span>{vehicle ?? 'no vehicle'}</span>
          <span>{soc_pct === null ? '' : percent(soc_pct)}</span>
        </p>
      </li>
    ))}
  </ul>
)

/** A depot at length: its last hour, what sets its pace, its problems and every station. For fleets of a few. */
export function DepotPanel({ depot }: { depot: DepotView }) {
  const { snapshot } = depot
  const times = timesOf(depot)
  if (snapshot === null) return null
  return (
    <section
      className={depot.link.state === 'live' ? 'panel depot-panel' : 'panel depot-panel stale'}
      aria-label={depot.name}
    >
      <div className="depot-panel-side">
        <h3>{depot.name}</h3>
        {snapshot.site.binding ? <p className="binding">{snapshot.site.binding}</p> : null}
        <LastHour depot={depot} limit={snapshot.site.limit_w} times={times} />
        <ProblemList snapshot={snapshot} times={times} />
      </div>
      <StationTiles evses={snapshot.evses} />
    </section>
  )
}
