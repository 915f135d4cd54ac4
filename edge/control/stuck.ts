import { type Duration, type Monotonic, seconds } from '@busbar/units/time.ts'
import type { StandingLimit } from '../domain/charging/limit-ledger.ts'
import { newestLimit } from '../domain/charging/limit-ledger.ts'
import { type EvseUse, standingLevel } from '../domain/load-balancing/hold.ts'
import { kept } from '../domain/load-balancing/observation.ts'
import { type Level, levelOf } from '../domain/load-balancing/rows.ts'
import type { Depot } from './depot.ts'
import type { EvseNow } from './use.ts'

/** Time beyond its settle time in which a lower limit must be proven, or the old one is counted on. */
const PROOF_GRACE = seconds(10)

/**
 * What the EVSE is to be counted at whatever its share, 0 when its share is what counts: what it was seen to draw above
 * its limits, and older limits when it refuses a lower one or does not prove it in time, however many came since.
 */
export function stuckLevel(depot: Depot, { evse, use, hold }: Pick<EvseNow, 'evse' | 'use' | 'hold'>): Level {
  if (use.disobeying) return hold
  const { monotonic } = depot
  const drawn = kept(use.observation, monotonic)
  if (newestLimit(use.ledger) === undefined) return drawn
  const standing = standingLevel(use, monotonic)
  const failure = depot.failures.get(evse.key)
  const refuses = failure !== undefined && failure.level < standing
  const patience = seconds(use.capabilities.settleS) + PROOF_GRACE
  const entries = use.ledger.standing
  const highest = entries.findLastIndex(({ limit }) => levelOf(limit) >= standing)
  const overdue = entries
    .slice(highest + 1)
    .some((entry) => highest >= 0 && standingFor(entry, use, monotonic) > patience)
  return refuses || overdue ? Math.max(standing, drawn) : drawn
}

/** Since when a station has had a limit, or might; for ever where nobody knows. */
function standingFor({ request }: StandingLimit, { times }: EvseUse, now: Monotonic): number {
  const known = times.get(request)
  return known === undefined ? Number.POSITIVE_INFINITY : now - (known.answeredAt ?? known.sentAt)
}

/** How long ago a station accepted a limit; 0 while that is not known. */
export function acceptedFor(
  { request, answer }: StandingLimit,
  { times }: EvseUse,
  now: Monotonic,
): Duration {
  const at = times.get(request)?.answeredAt ?? null
  return (answer === 'accepted' && at !== null ? now - at : 0) as Duration
}
