import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { LiveSite } from '../../domain/live-site.ts'

/** What the metrics need beside the site's picture. */
export interface MetricSource {
  live(): LiveSite
  backlog(): { readonly facts: number; readonly oldestMs: number | null }
  unsent(): number
  warnings(): number
  /** Time the last decision took, ms. */
  decisionMs(): number
}

export interface Metrics {
  readonly contentType: string
  metrics(): Promise<string>
}

/** Prometheus metrics, read when they are asked for, all from one picture. */
export function siteMetrics(source: MetricSource): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'busbar_edge_' })
  let picture: LiveSite | undefined
  const live = () => (picture ??= source.live())
  const gauge = (name: string, help: string, read: () => number | null) =>
    new Gauge({
      name: `busbar_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read() ?? Number.NaN)
      },
    })
  gauge('site_import_watts', 'Measured import at the grid connection', () => live().power.import_w)
  gauge('site_limit_watts', 'Limit of the grid connection', () => live().power.limit_w)
  gauge('site_held_watts', 'Reserved beyond what is measured', () => live().power.held_w)
  gauge('meter_age_seconds', 'Age of the grid meter reading', () => seconds(live().power.age_ms))
  gauge('stations_online', 'Stations in contact', () => live().stations.online)
  gauge('stations_total', 'Stations configured', () => live().stations.total)
  gauge('incidents_open', 'Open incidents', () => live().incidents.length)
  gauge('warnings_standing', 'Standing warnings of the controller', source.warnings)
  gauge('store_backlog_facts', 'Facts not yet on disk', () => source.backlog().facts)
  gauge('store_backlog_age_seconds', 'Age of the oldest fact not yet on disk', () =>
    seconds(source.backlog().oldestMs),
  )
  gauge('cloud_unsent_facts', 'Facts the cloud has not acknowledged', source.unsent)
  gauge('decision_seconds', 'Time the last decision took', () => source.decisionMs() / 1000)
  return {
    contentType: registry.contentType,
    metrics() {
      picture = undefined
      return registry.metrics()
    },
  }
}

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000)
