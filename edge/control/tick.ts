import type { EvseKey } from '@busbar/model/ids.ts'
import { between, minutes, seconds } from '@busbar/units/time.ts'
import { newestLimit } from '../domain/charging/limit-ledger.ts'
import type { Allocation } from '../domain/load-balancing/allocate.ts'
import { lapsed, leaseEnd } from '../domain/load-balancing/hold.ts'
import type { SiteSnapshot } from '../domain/load-balancing/snapshot.ts'
import type { Transition } from '../domain/load-balancing/transition.ts'
import { meterQuality } from '../domain/site/meter-trust.ts'
import { advised } from './advised.ts'
import { takeUpLimits } from './agreed.ts'
import { assemble } from './assemble.ts'
import { balance } from './balance.ts'
import { verifyComposites } from './composite.ts'
import { watchConformance } from './conformance/guardrail.ts'
import type { Depot } from './depot.ts'
import { renewalOf, restingAfterFailure, sendLimit } from './effects.ts'
import { lapseReservations } from './handle/reservations.ts'
import { endOf } from './handle/transactions.ts'
import { watchIncidents } from './incidents.ts'
import { endWhatIsOver } from './manual/expiry.ts'
import { watchMeters } from './meters/watch-meters.ts'
import { expireWaiting } from './outbox.ts'
import { fightOverloads } from './overloads/fight.ts'
import { warnOfWear } from './rationing/warn-of-wear.ts'
import { grantLimits } from './raw/grant-limits.ts'
import { releaseLimits, watchObedience } from './releases.ts'
import { expireReservations } from './reservations.ts'
import { grantRooms } from './rooms.ts'
import { startupSteps } from './startup.ts'
import { type EvseNow, evsesNow } from './use.ts'
import { watchWakes } from './wakes.ts'

/** The last decision and what it was made from, for the views and for explaining. */
export interface Decision {
  readonly snapshot: SiteSnapshot
  readonly shares: Allocation
  readonly transition: Transition
  readonly evses: readonly EvseNow[]
  /** The guard stood in for the balancer. */
  readonly guarded: boolean
}

/** Measure, decide, act, record: one pass, in this order. */
export function tick(depot: Depot): Decision {
  depot.recorder.retry()
  depot.voltages.expire(depot.monotonic)
  noteMeterQuality(depot)
  expireReservations(depot)
  lapseReservations(depot)
  expireWaiting(depot)
  endWhatIsOver(depot)
  takeUpLimits(depot)
  depot.ready ||= startupSteps(depot).every((step) => step.done)
  const before = evsesNow(depot)
  const proven = releaseLimits(depot, before) ? evsesNow(depot) : before
  const evses = fightOverloads(depot, proven) ? evsesNow(depot) : proven
  watchMeters(depot, evses)
  watchWakes(depot, evses)
  const snapshot = advised(depot, assemble(depot, evses), evses)
  const { shares, transition: next, guarded } = balance(depot, snapshot)
  depot.turns.note(snapshot, shares, depot.monotonic)
  depot.barred = guarded ? new Set(depot.setup.site.evses.keys()) : barred(snapshot, next)
  act(depot, evses, { snapshot, moves: next.moves })
  renewLeases(depot, evses, next)
  const worst = [...next.worst]
  grantRooms(depot, { snapshot, evses, worst })
  grantLimits(depot, { snapshot, evses, worst, guarded })
  watchObedience(depot, evses)
  verifyComposites(depot, evses)
  warnOfWear(depot)
  closeLostTransactions(depot, evses)
  const decision = { snapshot, shares, transition: next, evses, guarded }
  watchIncidents(depot, decision)
  watchConformance(depot, decision)
  return decision
}

/** EVSEs whose raises, decided earlier and still waiting for the disk, may not leave any more. */
function barred({ rows, evses, mayRise }: SiteSnapshot, { overcommitted }: Transition): Set<EvseKey> {
  const closed = new Set(overcommitted)
  rows.forEach((row, index) => {
    if (!row.mayRise) closed.add(index)
  })
  return new Set(
    evses
      .filter(({ loads }) => !mayRise || loads.some((c) => c.perLevel > 0 && closed.has(c.row)))
      .map(({ key }) => key),
  )
}

function act(
  depot: Depot,
  evses: readonly EvseNow[],
  { snapshot, moves }: { snapshot: SiteSnapshot; moves: Transition['moves'] },
): void {
  const byKey = new Map(evses.map((now) => [now.evse.key, now.evse]))
  for (const move of depot.rise.allowed(moves, snapshot, depot.monotonic)) {
    const evse = byKey.get(move.key)
    if (evse !== undefined && !restingAfterFailure(depot, move.key, move)) sendLimit(depot, evse, move)
  }
}

/**
 * Sends limits again before their lease ends, and those that nobody answered. Renewing raises nothing: of a raise that
 * nobody answered, what stood before is sent, and the balancer decides of the raise anew.
 */
function renewLeases(depot: Depot, evses: readonly EvseNow[], { moves }: Transition): void {
  const moved = new Set(moves.map(({ key }) => key))
  const { leaseS, renewS } = depot.setup.policy
  for (const { evse, use, open } of evses) {
    const newest = newestLimit(use.ledger)
    if (depot.conformance.tests(evse.key)) continue
    if (open === undefined || newest === undefined || newest.answer === 'pending' || moved.has(evse.key))
      continue
    const end = leaseEnd(newest, use)
    const due = end === null || between(depot.monotonic, end) < seconds(leaseS - renewS)
    if (lapsed(newest, use, depot.monotonic) || !(due || newest.answer === 'unanswered')) continue
    const renewal = renewalOf(use, newest, depot.monotonic)
    if (!restingAfterFailure(depot, evse.key, renewal)) sendLimit(depot, evse, renewal)
  }
}

function noteMeterQuality(depot: Depot): void {
  for (const [id, place] of depot.setup.site.meters) {
    const trust = depot.meters.get(id)
    if (trust === undefined) continue
    const quality = meterQuality(trust, depot.monotonic, place.poll)
    const before = depot.meterQualities.get(id)
    if (before === quality) continue
    depot.meterQualities.set(id, quality)
    if (before === undefined) continue
    const reason =
      trust.failure?.reason ??
      trust.unproven ??
      (quality === 'live' ? 'readings are good again' : 'no reading')
    depot.recorder.note([
      depot.recorder.fact('MeterQualityChanged', { type: 'meter', id }, { meter: id, quality, reason }),
    ])
  }
}

/**
 * An EVSE that has been free for this long, on this connection, while its transaction is open: the stop was lost. A stop
 * that still comes corrects it. @see reliability F25
 */
const STOP_GRACE = minutes(5)

/** Judged by when the station told us, never by its own stamps: they may be days old and the stop still in its queue. */
function closeLostTransactions(depot: Depot, evses: readonly EvseNow[]): void {
  for (const { evse, open } of evses) {
    const free = depot.freeSince.get(evse.key)
    if (open === undefined || free === undefined || between(free, depot.monotonic) < STOP_GRACE) continue
    depot.recorder.note([endOf(depot, open, 'the EVSE was free again and no stop came')])
    depot.freeSince.delete(evse.key)
  }
}
