import type { EvseKey, StationId } from '@busbar/model/ids.ts'
import { between, hours, type Monotonic, seconds } from '@busbar/units/time.ts'
import { newestLimit, type StandingLimit } from '../domain/charging/limit-ledger.ts'
import { lapsed } from '../domain/load-balancing/hold.ts'
import { overdrawn, tolerated } from '../domain/load-balancing/observation.ts'
import { type Level, levelOf } from '../domain/load-balancing/rows.ts'
import type { Evse } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'
import { renewalOf, sendLimit } from './effects.ts'
import { allowedLevel } from './releases.ts'
import { type EvseNow, useOf } from './use.ts'

/** How often a station is asked what it makes of its limits. */
const EVERY = hours(1)
/** After a reconnect its limits are sent again first. */
const SETTLED = seconds(15)
const DEADLINE = seconds(30)

type Asked = Pick<Evse, 'key' | 'station'>

/** When EVSEs were last asked for the limit they work out, and what came of it. */
export class Composites {
  readonly #asked = new Map<EvseKey, { readonly at: Monotonic; readonly connection: number }>()
  /** The last connection on which each station refused; it is not asked again there. */
  readonly #refused = new Map<StationId, number>()
  /** What an EVSE works out above the limit it accepted. */
  readonly above = new Map<EvseKey, Level>()

  due({ key, station }: Asked, of: { connection: number; connectedFor: number; now: Monotonic }): boolean {
    if (this.#refused.get(station) === of.connection || of.connectedFor < SETTLED) return false
    const last = this.#asked.get(key)
    const due = last === undefined || last.connection !== of.connection || between(last.at, of.now) >= EVERY
    if (due) this.#asked.set(key, { at: of.now, connection: of.connection })
    return due
  }

  refused(station: StationId, connection: number): void {
    this.#refused.set(station, connection)
  }

  /** Asks again at the next pass, after what was not held was sent anew. */
  again(key: EvseKey): void {
    this.#asked.delete(key)
  }
}

/**
 * Hourly and after each reconnect: a station that works out more than it accepted has lost its limit. What it says is
 * counted as if it drew it, and the limit is sent again. @see load-balancing.md 6
 */
export function verifyComposites(depot: Depot, evses: readonly EvseNow[]): void {
  for (const { evse, use, open } of evses) {
    if (open === undefined) depot.composites.above.delete(evse.key)
    const link = depot.links.get(evse.station)
    const newest = newestLimit(use.ledger)
    const certain = newest?.answer === 'accepted' && !lapsed(newest, use, depot.monotonic)
    if (depot.conformance.tests(evse.key)) continue
    if (link?.reconciled !== true || open === undefined || newest === undefined || !certain) continue
    const { connection } = link
    const connectedFor = between(link.since, depot.now)
    if (!depot.composites.due(evse, { connection, connectedFor, now: depot.monotonic })) continue
    void ask(depot, { evse, newest, connection })
  }
}

async function ask(
  depot: Depot,
  { evse, newest, connection }: { evse: EvseNow['evse']; newest: StandingLimit; connection: number },
): Promise<void> {
  const unit = evse.current === 'ac' ? 'A' : 'W'
  const answer = await depot.deps.commands.send(
    evse.station,
    { kind: 'get-composite-limit', evse: evse.evse, unit },
    { priority: 'poll', deadline: DEADLINE },
  )
  if (answer.status === 'rejected') depot.composites.refused(evse.station, connection)
  const limit = answer.status === 'accepted' ? answer.limit : undefined
  // Between question and answer the limit may have changed; then the answer is about neither.
  if (limit === undefined || newestLimit(depot.ledger(evse.key))?.request !== newest.request) return
  if ('limit_a' in limit !== (unit === 'A')) return
  const use = useOf(depot, evse, depot.transactionAt(evse.key))
  if (levelOf(limit) <= tolerated(allowedLevel(use, newest))) {
    depot.composites.above.delete(evse.key)
    return
  }
  depot.composites.above.set(evse.key, levelOf(limit))
  depot.observations.set(
    evse.key,
    overdrawn(depot.observation(evse.key), { level: levelOf(limit), at: depot.monotonic }),
  )
  depot.disobedience.set(evse.key, (depot.disobedience.get(evse.key) ?? 0) + 1)
  sendLimit(depot, evse, renewalOf(use, newest, depot.monotonic))
  depot.urge()
}
