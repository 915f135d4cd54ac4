import { between, type Monotonic, seconds } from '@busbar/units/time.ts'
import { newestLimit } from '../domain/charging/limit-ledger.ts'
import { levelOf } from '../domain/load-balancing/rows.ts'
import type { Evse } from '../domain/site/site.ts'
import { attemptEach } from './attempt.ts'
import type { Depot } from './depot.ts'
import { type LimitMove, restingAfterFailure, sendLimit } from './effects.ts'

/** Without a decision for this long, nobody knows what else the circuits carry. */
const BLIND = seconds(10)

/**
 * Lowers every limit to its EVSE's fallback once no decision has come about for ten seconds: the fallbacks fit every row
 * at its worst other load, and need no snapshot. @see load-balancing.md 2 and 5
 */
export function staticShares(depot: Depot, failingSince: Monotonic): void {
  if (between(failingSince, depot.monotonic) < BLIND) return
  const part = { part: 'static-shares', means: 'A limit was not lowered to its fallback; its lease lapses' }
  attemptEach(depot, part, depot.setup.site.evses.values(), (evse) => lower(depot, evse))
}

function lower(depot: Depot, evse: Evse): void {
  const newest = newestLimit(depot.ledger(evse.key))
  const move: LimitMove = { level: levelOf(evse.fallback), kind: 'decrease' }
  if (newest === undefined || levelOf(newest.limit) <= move.level) return
  if (!restingAfterFailure(depot, evse.key, move)) sendLimit(depot, evse, move)
}
