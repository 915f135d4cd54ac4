import type { EvseKey } from '@busbar/model/ids.ts'
import { between, type Monotonic, seconds } from '@busbar/units/time.ts'
import { acceptedLimit, newestLimit } from '../domain/charging/limit-ledger.ts'
import { need } from '../domain/load-balancing/demand.ts'
import { lapsed } from '../domain/load-balancing/hold.ts'
import { freshReport } from '../domain/load-balancing/observation.ts'
import { levelOf } from '../domain/load-balancing/rows.ts'
import { nextWake, type Wake } from '../domain/load-balancing/wake.ts'
import type { Depot } from './depot.ts'
import type { EvseNow } from './use.ts'

/** A resumed limit is looked at this long after: some models ignore the first one. @see load-balancing.md 4 */
const VERIFY_AFTER = seconds(10)
const DEADLINE = seconds(30)

/** What is remembered of vehicles over pauses of ours. */
export class Wakes {
  readonly #wakes = new Map<EvseKey, Wake>()
  readonly #verified = new Set<EvseKey>()

  of(key: EvseKey): Wake | null {
    return this.#wakes.get(key) ?? null
  }

  /** Its offer is taken back for a moment, so that it comes anew. */
  nudges(key: EvseKey): boolean {
    return this.of(key)?.state === 'nudged'
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
    depot.wakes.set(key, known ? nextWake(depot.wakes.of(key), seenOf(depot, now)) : null)
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

function seenOf(depot: Depot, { evse, use, open }: EvseNow): Parameters<typeof nextWake>[1] {
  const limit = acceptedLimit(use.ledger)
  const stands =
    limit !== undefined && limit === newestLimit(use.ledger) && !lapsed(limit, use, depot.monotonic)
  const report = freshReport(use.observation, depot.monotonic)
  const { minPowerW, minCurrentA } = use.capabilities
  return {
    now: depot.monotonic,
    limit: stands ? levelOf(limit.limit) : null,
    min: evse.current === 'dc' ? minPowerW : minCurrentA * 1000,
    draw: report === null || report.level === null ? null : { level: report.level, at: report.at },
    content: open !== undefined && needOf(depot, open).energyLeftWh === 0,
  }
}

function needOf(depot: Depot, open: NonNullable<EvseNow['open']>): ReturnType<typeof need> {
  const vehicle = open.vehicle === null ? undefined : depot.setup.fleet.vehicles.get(open.vehicle)
  return need({ transaction: open, departure: undefined, vehicle })
}
