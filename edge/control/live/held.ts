import { newestLimit } from '../../domain/charging/limit-ledger.ts'
import { freshReport } from '../../domain/load-balancing/observation.ts'
import { activePhases, type Level, levelOf, levelPowerW } from '../../domain/load-balancing/rows.ts'
import type { Depot } from '../depot.ts'
import type { EvseNow } from '../use.ts'

/** The draw last reported, or null when it is not known; 0 where nothing runs that we could not see. */
export function drawnLevel(depot: Depot, { evse, use, open, hold }: EvseNow): Level | null {
  const idle = open === undefined && !use.inUse && (depot.links.has(evse.station) || hold === 0)
  return freshReport(use.observation, depot.monotonic)?.level ?? (idle ? 0 : null)
}

/**
 * Reserved beyond what is measured and beyond the limit now steered to: for stations out of contact, limits not yet
 * proven gone, starts that may come, and EVSEs whose draw is not known.
 */
export function heldLevel(depot: Depot, now: EvseNow): Level {
  const newest = newestLimit(now.use.ledger)
  const steered =
    depot.links.has(now.evse.station) && now.open !== undefined && newest !== undefined
      ? levelOf(newest.limit)
      : 0
  const drawn = drawnLevel(depot, now)
  return drawn === null ? now.hold : Math.max(0, now.hold - Math.max(steered, drawn))
}

/** `heldLevel` in W at the AC side. */
export function heldW(depot: Depot, now: EvseNow): number {
  const held = heldLevel(depot, now)
  return acPowerW(depot, now, held)
}

/** W at the AC side for a level of this EVSE. */
export function acPowerW(depot: Depot, { evse, use }: EvseNow, level: Level): number {
  const phases = activePhases(evse, use.observation.usedPhases).length
  return levelPowerW(evse, level, { phases, voltageV: depot.setup.site.nominalV }) / evse.efficiency
}
