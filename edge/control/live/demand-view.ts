import { toIso } from '@busbar/units/time.ts'
import type { LiveDemand } from '../../domain/live-site.ts'
import { demandNow } from '../demand-target.ts'
import type { Depot } from '../depot.ts'
import type { Decision } from '../tick.ts'

/** The running demand window; null where no meter measures the grid connection. */
export function demandView(depot: Depot, decision: Decision): LiveDemand | null {
  const demand = demandNow(depot, decision.evses)
  return demand === null
    ? null
    : {
        window_start: toIso(demand.start),
        window_end: toIso(demand.end),
        so_far_w: Math.round(demand.soFarW),
        forecast_w: Math.round(demand.forecastW),
        permitted_w: demand.permittedW === null ? null : Math.round(demand.permittedW),
        limit_w: demand.limitW,
        flagged: demand.flagged,
      }
}
