import { sumPhases } from '@busbar/units/per-phase.ts'
import { between, hours } from '@busbar/units/time.ts'
import { departures } from '../domain/charging/departures.ts'
import { need } from '../domain/load-balancing/demand.ts'
import { demandRow } from '../domain/load-balancing/row-list.ts'
import { levelOf, levelPowerW } from '../domain/load-balancing/rows.ts'
import type { SiteSnapshot } from '../domain/load-balancing/snapshot.ts'
import type { Demand } from '../domain/site/demand-window.ts'
import { voltageAt, worstOtherLoads } from '../domain/site/feeding.ts'
import type { Circuit } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'
import { acPowerW } from './live/held.ts'
import type { EvseNow } from './use.ts'

/** With less than this to spare at its best rate, a vehicle may be charged past the target. */
const TIGHT = hours(0.25)

/** The running demand window of the grid connection; null where no meter measures it. */
export function demandNow(depot: Depot, evses: readonly EvseNow[]): Demand | null {
  if (depot.demand === null) return null
  const { now: wall, monotonic: at } = depot
  const reserve = reserveW(depot, depot.demand.circuit, evses)
  return depot.demand.meter.now({ wall, at, reserveW: reserve, utcOffset: depot.utcOffset(wall) })
}

/** What may flow while nobody measures: the worst other loads, and all that EVSEs may draw. */
function reserveW(depot: Depot, circuit: Circuit, evses: readonly EvseNow[]): number {
  const { site } = depot.setup
  const drawn = evses.reduce((sum, now) => sum + acPowerW(depot, now, now.hold), 0)
  const breakerW = sumPhases(circuit.ratingA) * voltageAt(site, circuit.id)
  return Math.min(worstOtherLoads(site, circuit).powerW + drawn, breakerW)
}

/**
 * Holds the site's power to what is left of the demand window. It is a contract row: no rating is touched, and a vehicle
 * that would else not be ready is charged past it. @see load-balancing.md 10
 */
export function heldToTarget(depot: Depot, snapshot: SiteSnapshot, evses: readonly EvseNow[]): SiteSnapshot {
  if (depot.demand?.circuit.demandTargetW === undefined) return snapshot
  const { id } = depot.demand.circuit
  const permittedW = demandNow(depot, evses)?.permittedW ?? null
  if (permittedW === null) return snapshot
  const pressedW = evses.reduce((sum, now) => sum + tightW(depot, now), 0)
  const rows = snapshot.rows.map((row) => {
    if (row.id !== demandRow(id)) return row
    const limit = Math.max(Math.floor(permittedW), Math.ceil(row.base + pressedW))
    return { ...row, limit, capacity: limit - row.base }
  })
  return { ...snapshot, rows }
}

/** What a vehicle takes at its best rate when it has no time to spare; 0 for any other. */
function tightW(depot: Depot, { evse, use, open }: EvseNow): number {
  if (open === undefined || open.vehicle === null) return 0
  const departure = depot.memory.table(departures).get(open.vehicle)
  const vehicle = depot.setup.fleet.vehicles.get(open.vehicle)
  const soc = use.observation.socPct ?? open.socPct
  const what = need({ transaction: { ...open, socPct: soc }, departure, vehicle })
  if (what.departureAt === null || what.energyLeftWh === null || what.energyLeftWh === 0) return 0
  const at = { phases: evse.phases.length, voltageV: depot.setup.site.nominalV }
  const bestW = levelPowerW(evse, levelOf(evse.rating), at)
  const spare = between(depot.now, what.departureAt) - hours(what.energyLeftWh / Math.max(1, bestW))
  return spare < TIGHT ? bestW / evse.efficiency : 0
}
