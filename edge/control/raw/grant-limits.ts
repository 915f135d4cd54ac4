import type { Coefficient } from '../../domain/load-balancing/rows.ts'
import { levelOf, loadAt } from '../../domain/load-balancing/rows.ts'
import type { SiteSnapshot } from '../../domain/load-balancing/snapshot.ts'
import { sureLevel } from '../../domain/load-balancing/sure.ts'
import type { Depot, LimitRequest } from '../depot.ts'
import type { EvseNow } from '../use.ts'

interface Holds {
  readonly snapshot: SiteSnapshot
  readonly evses: readonly EvseNow[]
  /** What may be drawn at most on each row; what is granted is added. */
  readonly worst: number[]
  /** The guard stood in for the balancer: nothing rises. */
  readonly guarded: boolean
}

/**
 * Answers those who want to set limits past the balancer: what their EVSEs may come to draw has to fit every protecting
 * row beside all other holds, on rows that may rise, and then counts at once. One that waits is asked for again.
 */
export function grantLimits(depot: Depot, holds: Holds): void {
  for (const request of [...depot.limitRequests]) {
    const refusal = refusalOf(depot, request, holds)
    if (refusal !== null && (request.until ?? depot.monotonic) > depot.monotonic) continue
    depot.limitRequests.delete(request)
    if (refusal === null) request.take()
    request.settle(refusal)
  }
}

/** A limit that surely raises nothing needs no room. */
function refusalOf(depot: Depot, { limits }: LimitRequest, holds: Holds): string | null {
  const { snapshot, evses, worst } = holds
  const raised = evses.flatMap((now) => {
    const limit = limits.get(now.evse.key)
    const raises = limit !== undefined && levelOf(limit) > sureLevel(now.use, depot.monotonic)
    return raises ? [{ now, level: Math.max(now.hold, levelOf(limit)) }] : []
  })
  if (raised.length === 0) return null
  if (holds.guarded) return 'no limit rises while the balancer gives no answer'
  if (!snapshot.mayRise) return 'no limit rises before the start-up is through and facts are stored'
  const more = new Map<number, number>()
  for (const { now, level } of raised)
    for (const c of now.loads) more.set(c.row, (more.get(c.row) ?? 0) + moreOn(c, level, now.hold))
  const onRows = raised.flatMap(({ now }) => now.loads.filter(({ perLevel }) => perLevel > 0))
  const refusal = onRows.map(({ row }) => refusedBy(holds, row, more.get(row) ?? 0)).find((no) => no !== null)
  if (refusal !== undefined) return refusal
  for (const [index, added] of more) worst[index] = (worst[index] ?? 0) + added
  return null
}

const moreOn = (c: Coefficient, level: number, hold: number): number => loadAt(c, level) - loadAt(c, hold)

/** Rows are named by circuit and conductor. */
function refusedBy({ snapshot, worst }: Holds, index: number, added: number): string | null {
  const row = snapshot.rows[index]
  if (row === undefined) return 'it is on a row that is not known'
  if (row.duty !== 'protect') return null
  if (!row.mayRise) return `nothing rises on ${row.id}: its meter is not live, or an overload is fought there`
  return (worst[index] ?? 0) + added > row.capacity ? `it could overload ${row.id}` : null
}
