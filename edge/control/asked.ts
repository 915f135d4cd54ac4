import { between, seconds } from '@busbar/units/time.ts'
import { outletLevel } from '../domain/load-balancing/outlet.ts'
import { type Level, levelOf } from '../domain/load-balancing/rows.ts'
import type { Depot } from './depot.ts'
import { moduleW } from './effects.ts'
import { cappedByHand } from './manual/by-hand.ts'
import { manualState, overrideAt } from './manual/state.ts'
import { pausedForTest } from './meters/test-command.ts'
import type { ModuleMoves } from './rationing/module-moves.ts'
import type { EvseNow } from './use.ts'

/**
 * What bounds an EVSE by itself, whatever its rows have: its own rating, its cable at the vehicle's battery voltage, what
 * the vehicle takes, a silent meter, a token that is not accepted, an overload, an offer taken back to wake the vehicle,
 * a meter test, that it does not follow a lower limit, modules that were just switched over, or a person.
 */
export type AskedBy =
  | 'rating'
  | 'cable'
  | 'vehicle'
  | 'meter'
  | 'token'
  | 'overload'
  | 'wake'
  | 'test'
  | 'not-following'
  | 'modules'
  | 'person'

interface Asked {
  readonly level: Level
  readonly by: AskedBy
}

/** What is known of the EVSE beside the depot's state. */
interface AskedOf {
  /** A meter above it has been silent for so long that it is given its fallback at most. */
  readonly silent: boolean
  /** What it may always draw by its default. */
  readonly fallback: Level
  readonly current: Level | null
  readonly stuck: Level
}

/** A vehicle that leaves room unused this long gives it to others. */
const RECLAIM = seconds(60)
/** Room left above what a vehicle takes, so that it can show that it wants more: 2 A, or max(2 kW, 5 %). */
const reclaimMargin = (level: Level, dc: boolean): Level => (dc ? Math.max(2000, level * 0.05) : 2000)

/** The most an EVSE is to get before anyone overrides it, and what says so. */
export function askedOf(depot: Depot, now: EvseNow, of: AskedOf): Asked {
  const { evse, open } = now
  const [own, fallback] = [levelOf(evse.fallback), of.fallback]
  const wanted = wantedLevel(depot, now)
  const cap = depot.wakes.nudges(evse.key) ? 0 : depot.ladders.caps.get(evse.key)?.level
  let asked: Asked = wanted.level < fallback ? { ...wanted, level: fallback } : wanted
  const bound = (level: Level | undefined, by: AskedBy) => {
    if (level !== undefined && level < asked.level) asked = { level, by }
  }
  if (of.silent) asked = { level: own, by: 'meter' }
  if (open !== undefined && open.authorization !== 'Accepted') asked = { level: own, by: 'token' }
  bound(cap, depot.wakes.nudges(evse.key) ? 'wake' : 'overload')
  if (pausedForTest(depot, evse.key)) bound(fallback, 'test')
  bound(restingModules(depot, now)?.level, 'modules')
  if (of.stuck > 0) bound(of.current ?? fallback, 'not-following')
  return asked
}

/** The power that its modules give while it takes no other, and until when. */
export function restingModules(depot: Depot, { evse, open }: EvseNow): ReturnType<ModuleMoves['rest']> {
  const grid = moduleW(depot, evse)
  if (grid === null) return null
  return depot.moduleMoves.rest(evse.key, { transaction: open?.transaction, grid, now: depot.monotonic })
}

/** The same with what a person said of it. */
export function boundOf(depot: Depot, now: EvseNow, of: AskedOf): Asked {
  const asked = askedOf(depot, now, of)
  const override = overrideAt(manualState(depot), now.evse.key, depot.now)
  const level = override === undefined ? asked.level : cappedByHand(override, { ...of, max: asked.level })
  return level < asked.level ? { level, by: 'person' } : asked
}

/** What can come out of the outlet, or what the vehicle takes plus a margin once it has left room unused for a while. */
function wantedLevel(depot: Depot, { evse, use, open }: EvseNow): Asked {
  const vehicle = open?.vehicle == null ? undefined : depot.setup.fleet.vehicles.get(open.vehicle)
  const level = outletLevel(evse, vehicle)
  const outlet: Asked = { level, by: level < levelOf(evse.rating) ? 'cable' : 'rating' }
  const least = Math.min(depot.wakes.least(evse.key) ?? 0, level)
  const { slackSince, reports } = use.observation
  const drawn = reports.at(-1)?.level
  if (slackSince === null || drawn === null || drawn === undefined) return outlet
  if (between(slackSince, depot.monotonic) < RECLAIM) return outlet
  const taken = Math.max(least, drawn + reclaimMargin(drawn, evse.current === 'dc'))
  return taken < level ? { level: taken, by: 'vehicle' } : outlet
}
