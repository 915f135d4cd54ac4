import type { EvseKey } from '@busbar/model/ids.ts'
import { between, type Monotonic, seconds } from '@busbar/units/time.ts'
import { acceptedLimit, newestLimit } from '../domain/charging/limit-ledger.ts'
import { need } from '../domain/load-balancing/demand.ts'
import { lapsed } from '../domain/load-balancing/hold.ts'
import { freshReport } from '../domain/load-balancing/observation.ts'
import { type Level, levelOf } from '../domain/load-balancing/rows.ts'
import { leastToWake, nextWake, type Wake } from '../domain/load-balancing/wake.ts'
import type { Depot } from './depot.ts'
import type { EvseNow } from './use.ts'

/** A resumed limit is looked at this long after: some models ignore the first one. @see load-balancing.md 4 */
const VERIFY_AFTER = seconds(10)
const DEADLINE = seconds(30)

/** What is remembered of vehicles over pauses of ours. */
export class Wakes {
  readonly #wakes = new Map<EvseKey, Wake>()
  readonly #verified = new Set<EvseKey>()
  readonly #least = new Map<EvseKey, Level>()

  of(key: EvseKey): Wake | null {
    return this.#wakes.get(key) ?? null
  }

  /** Its offer is taken back for a moment, so that it comes anew. */
  nudges(key: EvseKey): boolean {
    return this.of(key)?.state === 'nudged'
  }

  /** What its vehicle was learned to need at least, mA; null where its station's minimum is all that is known. */
  least(key: EvseKey): Level | null {
    return this.#least.get(key) ?? null
  }

  /** The vehicle's next state, at the limit that it has. */
  follow(key: EvseKey, wake: Wake | null, limit: Level | null): void {
    const least = leastToWake(this.least(key), { before: this.of(key), after: wake, limit })
    if (least === null) this.#least.delete(key)
    else this.#least.set(key, least)
    this.set(key, wake)
  }

  set(key: EvseKey, wake: Wake | null): void {
    if (wake === null) this.#wakes.delete(key)
    else this.#wakes.set(key, wake)
    if (wake?.state !== 'offered') this.#verified.delete(key)
  }

  /** Once for each offer, when it has stood long enough to be looked at. */
  toVerify(key: EvseKey, now: Monotonic): boolean {
    const wake = this.of(key)
    if (wake?.state !== 'offered' || this.#verified.has(key) || between(wake.since, now) < VERIFY_AFTER)
      return false
    this.#verified.add(key)
    return true
  }
}

/** Follows every vehicle that was paused; asks for its values ten seconds after its limit came back. */
export function watchWakes(depot: Depot, evses: readonly EvseNow[]): void {
  for (const now of evses) {
    const { key, station, evse } = now.evse
    const known = now.open !== undefined && depot.inContact(station)
    const seen = known ? seenOf(depot, now) : null
    const next = seen === null ? null : nextWake(depot.wakes.of(key), seen)
    depot.wakes.follow(key, next, now.evse.current === 'ac' ? (seen?.limit ?? null) : null)
    if (!depot.wakes.toVerify(key, depot.monotonic)) continue
    depot.deps.commands
      .send(
        station,
        { kind: 'trigger', message: 'MeterValues', evse },
        { priority: 'poll', deadline: DEADLINE },
      )
      .catch(() => undefined)
  }
}

/** The least that its vehicle can use: what its station can set, or what was learned that the vehicle needs. */
export function leastLevel(depot: Depot, { evse, use }: Pick<EvseNow, 'evse' | 'use'>): Level {
  const { minPowerW, minCurrentA } = use.capabilities
  if (evse.current === 'dc') return minPowerW
  return Math.max(minCurrentA * 1000, Math.min(depot.wakes.least(evse.key) ?? 0, levelOf(evse.rating)))
}

function seenOf(depot: Depot, { evse, use, open }: EvseNow): Parameters<typeof nextWake>[1] {
  const limit = acceptedLimit(use.ledger)
  const stands =
    limit !== undefined && limit === newestLimit(use.ledger) && !lapsed(limit, use, depot.monotonic)
  const report = freshReport(use.observation, depot.monotonic)
  return {
    now: depot.monotonic,
    limit: stands ? levelOf(limit.limit) : null,
    min: leastLevel(depot, { evse, use }),
    draw: report === null || report.level === null ? null : { level: report.level, at: report.at },
    content: open !== undefined && needOf(depot, open).energyLeftWh === 0,
  }
}

function needOf(depot: Depot, open: NonNullable<EvseNow['open']>): ReturnType<typeof need> {
  const vehicle = open.vehicle === null ? undefined : depot.setup.fleet.vehicles.get(open.vehicle)
  return need({ transaction: open, departure: undefined, vehicle })
}
