import type { DepotView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import type { StateSnapshot } from '@busbar/contracts/sync/state-snapshot.ts'
import { PowerBar } from '@busbar/ui-kit/components/power-bar.tsx'
import { Sparkline } from '@busbar/ui-kit/components/sparkline.tsx'
import { kilowattLimit, kilowatts } from '@busbar/ui-kit/format.ts'
import { depotPieces, describeSite, LinkWords, Problems } from './depot-words.tsx'

function PowerCell({ site }: { site: StateSnapshot['site'] }) {
  const over = site.headroom_w !== null && site.headroom_w < 0
  return (
    <span className="power-cell">
      <PowerBar
        className="mini-bar"
        pieces={depotPieces(site)}
        limit={site.limit_w}
        label={describeSite(site)}
      />
      <span className={over ? 'over' : undefined}>
        <b>{kilowatts(site.import_w)}</b> of {kilowattLimit(site.limit_w)} kW
      </span>
    </span>
  )
}

function Departures({ departures }: Pick<StateSnapshot, 'departures'>) {
  const { ready, on_track, at_risk, not_ready, no_data } = departures
  const risk = at_risk + not_ready
  return (
    <>
      <b>{ready}</b> / {ready + on_track + risk + no_data}
      {risk > 0 ? <small className="risk">{risk} at risk</small> : null}
    </>
  )
}

/** One depot: how it is linked, what it draws, what it has up, ready and open. */
export function DepotRow({ depot, onOpen }: { depot: DepotView; onOpen: (id: string) => void }) {
  const { snapshot } = depot
  const stale = depot.link.state !== 'live'
  const trend = depot.trend.map(({ import_w }) => import_w)
  return (
    <tr className={stale ? 'stale' : undefined}>
      <th scope="row">
        <button type="button" aria-haspopup="dialog" onClick={() => onOpen(depot.id)}>
          {depot.name}
        </button>
        {depot.virtual ? <small>Simulated</small> : null}
        <small className="link-below">
          <LinkWords depot={depot} />
        </small>
      </th>
      <td className="col-link">
        <LinkWords depot={depot} />
      </td>
      <td className="col-power">{snapshot ? <PowerCell site={snapshot.site} /> : '–'}</td>
      <td className="col-trend">
        {snapshot && trend.length > 1 ? (
          <Sparkline
            values={trend}
            limit={snapshot.site.limit_w}
            label={`Power in the last hour, last ${kilowatts(trend.at(-1) ?? null)} kW`}
          />
        ) : (
          '–'
        )}
      </td>
      <td className="col-stations number">
        {snapshot ? (
          <>
            <b>{snapshot.stations.online}</b> / {snapshot.stations.total}
            {snapshot.stations.faulted > 0 ? (
              <small className="fault">{snapshot.stations.faulted} faulted</small>
            ) : null}
          </>
        ) : (
          '–'
        )}
      </td>
      <td className="col-vehicles number">
        {snapshot ? (
          <>
            <b>{snapshot.vehicles.charging}</b> / {snapshot.vehicles.connected}
          </>
        ) : (
          '–'
        )}
      </td>
      <td className="col-departures number">
        {snapshot ? <Departures departures={snapshot.departures} /> : '–'}
      </td>
      <td className="col-problems">
        <Problems snapshot={snapshot} />
      </td>
    </tr>
  )
}
