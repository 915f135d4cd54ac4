import type { DepartureView, IncidentView, SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import { At } from '@busbar/ui-kit/components/age.tsx'
import { Severity } from '@busbar/ui-kit/components/severity.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'

const SHOWN_DEPARTURES = 5
const SHOWN_INCIDENTS = 8

/** Readiness in words. */
export const READINESS: Record<DepartureView['readiness'], string> = {
  ready: 'ready',
  'on-track': 'on track',
  'at-risk': 'at risk',
  'not-ready': 'not ready',
  'no-data': 'no data',
}

const byUrgency = (a: IncidentView, b: IncidentView): number =>
  a.severity - b.severity || Date.parse(b.opened_at) - Date.parse(a.opened_at)

function Incidents({ incidents, times }: { incidents: readonly IncidentView[]; times: DepotTime }) {
  const sorted = [...incidents].sort(byUrgency)
  const more = sorted.length - SHOWN_INCIDENTS
  return (
    <section className="panel aside-panel" aria-labelledby="open-incidents">
      <h2 className="small-heading" id="open-incidents">
        Open incidents
      </h2>
      {sorted.length === 0 ? <p className="empty">None</p> : null}
      <ol>
        {sorted.slice(0, SHOWN_INCIDENTS).map((incident) => (
          <li key={incident.id}>
            <Severity level={incident.severity} />
            <b>{incident.text}</b>
            <At at={incident.opened_at} times={times} form="near" />
            <small>{incident.action}</small>
          </li>
        ))}
      </ol>
      {more > 0 ? <p className="empty">and {more} more</p> : null}
    </section>
  )
}

function Departures({ view, times }: { view: SiteView; times: DepotTime }) {
  const next = [...view.departures]
    .sort((a, b) => Date.parse(a.departure_at) - Date.parse(b.departure_at))
    .slice(0, SHOWN_DEPARTURES)
  return (
    <section className="panel aside-panel" aria-labelledby="next-departures">
      <h2 className="small-heading" id="next-departures">
        Next departures
      </h2>
      {next.length === 0 ? <p className="empty">None planned</p> : null}
      <ol>
        {next.map((departure) => (
          <li key={`${departure.vehicle} ${departure.departure_at}`}>
            <b>
              <At at={departure.departure_at} times={times} />
            </b>
            <span className="departing">
              {departure.vehicle}
              {departure.evse ? ` · ${departure.evse}` : ''}
            </span>
            <span className={`readiness ${departure.readiness}`}>{READINESS[departure.readiness]}</span>
            <small>{departure.sentence}</small>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** What needs a person, and what leaves next. */
export const Aside = ({ view, times }: { view: SiteView; times: DepotTime }) => (
  <aside aria-label="Incidents and departures">
    <Incidents incidents={view.incidents} times={times} />
    <Departures view={view} times={times} />
  </aside>
)
