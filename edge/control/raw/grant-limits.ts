import { levelOf, loadAt } from '../../domain/load-balancing/rows.ts'
import type { SiteSnapshot } from '../../domain/load-balancing/snapshot.ts'
import type { Depot, LimitRequest } from '../depot.ts'
import type { EvseNow } from '../use.ts'

interface Holds {
  readonly snapshot: SiteSnapshot
  readonly evses: readonly EvseNow[]
  /** What may be drawn at most on each row; what is granted is added. */
  readonly worst: number[]
}

/**
 * Answers those who want to set limits past the balancer: what their EVSEs may come to draw has to fit every protecting
 * row beside all other holds, and then counts at once.
 */
export function grantLimits(depot: Depot, holds: Holds): void {
  for (const request of [...depot.limitRequests]) {
    depot.limitRequests.delete(request)
    const refusedBy = overloadedBy(request, holds)
    if (refusedBy === null) request.take()
    request.settle(refusedBy)
  }
}

function overloadedBy({ limits }: LimitRequest, { snapshot, evses, worst }: Holds): string | null {
  const more = new Map<number, number>()
  for (const { evse, hold, loads } of evses) {
    const limit = limits.get(evse.key)
    if (limit === undefined) continue
    const level = Math.max(hold, levelOf(limit))
    for (const c of loads) more.set(c.row, (more.get(c.row) ?? 0) + loadAt(c, level) - loadAt(c, hold))
  }
  for (const [index, added] of more) {
    const row = snapshot.rows[index]
    const protects = row === undefined || row.duty === 'protect'
    if (protects && added > 0 && (worst[index] ?? 0) + added > (row?.capacity ?? 0)) return row?.id ?? 'a row'
  }
  for (const [index, added] of more) worst[index] = (worst[index] ?? 0) + added
  return null
}
