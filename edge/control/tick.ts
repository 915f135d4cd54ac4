import { between, instant, minutes, seconds } from '@busbar/units/time.ts'
import { newestLimit } from '../domain/charging/limit-ledger.ts'
import { type Allocation, allocate } from '../domain/load-balancing/allocate.ts'
import { lapsed } from '../domain/load-balancing/hold.ts'
import { levelOf } from '../domain/load-balancing/rows.ts'
import type { SiteSnapshot } from '../domain/load-balancing/snapshot.ts'
import { type Transition, transition } from '../domain/load-balancing/transition.ts'
import { meterQuality } from '../domain/site/meter-trust.ts'
import { assemble } from './assemble.ts'
import type { Depot } from './depot.ts'
import { restingAfterFailure, sendLimit } from './effects.ts'
import { endOf } from './handle/transactions.ts'
import { watchIncidents } from './incidents.ts'
import { releaseLimits, watchObedience } from './releases.ts'
import { grantRooms } from './rooms.ts'
import { startupSteps } from './startup.ts'
import { connectorOf, type EvseNow, evsesNow } from './use.ts'

/** The last decision and what it was made from, for the views and for explaining. */
export interface Decision {
  readonly snapshot: SiteSnapshot
  readonly shares: Allocation
  readonly transition: Transition
  readonly evses: readonly EvseNow[]
}

/** Measure, decide, act, record: one pass, in this order. */
export function tick(depot: Depot): Decision {
  depot.recorder.retry()
  noteMeterQuality(depot)
  depot.ready ||= startupSteps(depot).every((step) => step.done)
  releaseLimits(depot, evsesNow(depot))
  const evses = evsesNow(depot)
  const snapshot = assemble(depot, evses)
  const shares = allocate(snapshot)
  const next = transition(snapshot, shares)
  act(depot, evses, next)
  renewLeases(depot, evses, next)
  grantRooms(depot, evses, snapshot)
  watchObedience(depot, evses)
  closeLostTransactions(depot, evses)
  const decision = { snapshot, shares, transition: next, evses }
  watchIncidents(depot, decision)
  return decision
}

function act(depot: Depot, evses: readonly EvseNow[], { moves }: Transition): void {
  const byKey = new Map(evses.map((now) => [now.evse.key, now.evse]))
  for (const { key, level, kind } of moves) {
    const evse = byKey.get(key)
    if (evse !== undefined && !restingAfterFailure(depot, key)) sendLimit(depot, evse, { level, kind })
  }
}

/** Sends limits again before their lease ends, and those that nobody answered. Renewing raises nothing. */
function renewLeases(depot: Depot, evses: readonly EvseNow[], { moves }: Transition): void {
  const moved = new Set(moves.map(({ key }) => key))
  const { leaseS, renewS } = depot.setup.policy
  for (const { evse, use, open } of evses) {
    const newest = newestLimit(use.ledger)
    if (
      open === undefined ||
      newest?.leaseUntil == null ||
      moved.has(evse.key) ||
      restingAfterFailure(depot, evse.key)
    )
      continue
    if (lapsed(newest, use, depot.now) || newest.answer === 'pending') continue
    const due = between(depot.now, newest.leaseUntil) < seconds(leaseS - renewS)
    if (due || newest.answer === 'unanswered')
      sendLimit(depot, evse, { level: levelOf(newest.limit), kind: 'renewal' })
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
    const reason = trust.failure?.reason ?? (quality === 'live' ? 'readings are good again' : 'no reading')
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

function closeLostTransactions(depot: Depot, evses: readonly EvseNow[]): void {
  for (const { evse, open } of evses) {
    const state = connectorOf(depot, evse)
    const link = depot.links.get(evse.station)
    if (open === undefined || state?.status !== 'Available' || link === undefined) continue
    const told = instant(Math.max(state.heardAt, link.since))
    if (between(told, depot.now) < STOP_GRACE || between(open.startedAt, state.since) < 0) continue
    depot.recorder.note([endOf(depot, open, 'the EVSE was free again and no stop came')])
  }
}
