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
import { attemptEach, type Part } from './attempt.ts'
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
import { letGo } from './roster/roster.ts'
import { takeUpStations } from './roster/take-up.ts'
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

/**
 * Measure, decide, act, record: one pass, in this order. A part that throws keeps none of the others; one before the
 * decision leaves the decision to the guard, which only lowers.
 */
export function tick(depot: Depot): Decision {
  const kept = attemptEach(depot, KEPT, BOOKS, (part) => part(depot))
  depot.ready ||= startupSteps(depot).every((step) => step.done)
  const { evses, sound } = measured(depot)
  const snapshot = advised(depot, assemble(depot, evses), evses)
  const { shares, transition: next, guarded } = balance(depot, snapshot, kept && sound)
  depot.barred = guarded ? new Set(depot.setup.site.evses.keys()) : barred(snapshot, next)
  const decision = { snapshot, shares, transition: next, evses, guarded }
  act(depot, decision)
  settle(depot, decision)
  return decision
}

const KEPT: Part = { part: 'books', means: 'Not all that is over was ended; limits are held or lowered' }
const SEEN: Part = { part: 'watch', means: 'Not all was watched; limits are held or lowered' }
const SENT: Part = { part: 'send', means: 'A limit was not sent' }
const AFTER: Part = { part: 'after', means: 'Not all that follows a decision was done' }

/** What is brought up to date first. */
const BOOKS: readonly ((depot: Depot) => void)[] = [
  (depot) => depot.recorder.retry(),
  (depot) => depot.voltages.expire(depot.monotonic),
  noteMeterQuality,
  expireReservations,
  lapseReservations,
  expireWaiting,
  endWhatIsOver,
  takeUpLimits,
  letGo,
  takeUpStations,
]

/** Every EVSE as it stands once what is proven gone is let go and overloads are fought. */
function measured(depot: Depot): { evses: readonly EvseNow[]; sound: boolean } {
  let evses = evsesNow(depot)
  const again = (part: () => boolean): void => {
    // What threw may have sent limits before.
    let changed = true
    try {
      changed = part()
    } finally {
      if (changed) evses = evsesNow(depot)
    }
  }
  const sound = attemptEach(
    depot,
    SEEN,
    [
      () => again(() => releaseLimits(depot, evses)),
      () => again(() => fightOverloads(depot, evses)),
      () => watchMeters(depot, evses),
      () => watchWakes(depot, evses),
    ],
    (part) => part(),
  )
  return { evses, sound }
}

/** What follows from a decision besides its own limits. */
function settle(depot: Depot, decision: Decision): void {
  const { snapshot, shares, transition: next, evses, guarded } = decision
  const worst = [...next.worst]
  const parts = [
    () => depot.turns.note(snapshot, shares, depot.monotonic),
    () => renewLeases(depot, evses, next),
    () => grantRooms(depot, { snapshot, evses, worst }),
    () => grantLimits(depot, { snapshot, evses, worst, guarded }),
    () => watchObedience(depot, evses),
    () => verifyComposites(depot, evses),
    () => warnOfWear(depot),
    () => closeLostTransactions(depot, evses),
    () => watchIncidents(depot, decision),
    () => watchConformance(depot, decision),
  ]
  attemptEach(depot, AFTER, parts, (part) => part())
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

function act(depot: Depot, { evses, snapshot, transition: { moves } }: Decision): void {
  const byKey = new Map(evses.map((now) => [now.evse.key, now.evse]))
  attemptEach(depot, SENT, depot.rise.allowed(moves, snapshot, depot.monotonic), (move) => {
    const evse = byKey.get(move.key)
    if (evse !== undefined && !restingAfterFailure(depot, move.key, move)) sendLimit(depot, evse, move)
  })
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
