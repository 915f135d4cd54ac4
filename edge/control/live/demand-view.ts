import { sumPhases } from '@busbar/units/per-phase.ts'
import { type Duration, type Instant, toIso } from '@busbar/units/time.ts'
import type { LiveDemand } from '../../domain/live-site.ts'
import { voltageAt, worstOtherLoads } from '../../domain/site/feeding.ts'
import type { Circuit, Site } from '../../domain/site/site.ts'
import type { Depot } from '../depot.ts'
import type { Decision } from '../tick.ts'
import { acPowerW } from './held.ts'

/** The running demand window; null where no meter measures the grid connection. */
export function demandView(
  depot: Depot,
  decision: Decision,
  utcOffset: (at: Instant) => Duration,
): LiveDemand | null {
  const { now: wall, monotonic: at } = depot
  const demand = depot.demand?.meter.now({
    wall,
    at,
    reserveW: reserveW(depot, decision, depot.demand.circuit),
    utcOffset: utcOffset(wall),
  })
  return demand === undefined
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

/** What may flow while nobody measures: the worst other loads, and all that EVSEs may draw. */
function reserveW(depot: Depot, decision: Decision, circuit: Circuit): number {
  const { site } = depot.setup
  const evses = decision.evses.reduce((sum, now) => sum + acPowerW(depot, now, now.hold), 0)
  return Math.min(worstOtherLoads(site, circuit).powerW + evses, breakerW(site, circuit))
}

/** What the breaker carries at nominal voltage. */
const breakerW = (site: Site, circuit: Circuit): number =>
  sumPhases(circuit.ratingA) * voltageAt(site, circuit.id)
