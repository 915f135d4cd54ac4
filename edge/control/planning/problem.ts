import type { EvseKey } from '@busbar/model/ids.ts'
import { demandRow } from '../../domain/load-balancing/row-list.ts'
import { loadAt } from '../../domain/load-balancing/rows.ts'
import type { SiteSnapshot } from '../../domain/load-balancing/snapshot.ts'
import type { PlanProblem } from '../../domain/scheduling/plan-problem.ts'
import type { Depot } from '../depot.ts'
import type { Planned } from './plan-vehicle.ts'

/** The base load may turn out this much higher than it is now. */
const BASE_ERROR = 0.1
/** A kW above the demand target costs as much as this many kWh at the widest difference of prices: more than waiting saves. */
const PEAK_KWH = 100

/**
 * What is to be planned: capacity without those who are not planned for, and less what the base load may rise by. The
 * demand target is no row of it but a peak that costs: a vehicle that would else not be ready is charged past it, and
 * what the running window has left says nothing of the next ones.
 */
export function problemOf(
  depot: Depot,
  snapshot: SiteSnapshot,
  { present, prices }: { present: ReadonlyMap<EvseKey, Planned>; prices: readonly number[] },
): PlanProblem {
  const others = new Float64Array(snapshot.rows.length)
  for (const evse of snapshot.evses) {
    if (present.has(evse.key)) continue
    const level = evse.steerable ? Math.max(evse.fallback, evse.stuck) : evse.expected
    for (const c of evse.loads) others[c.row] = (others[c.row] ?? 0) + loadAt(c, level)
  }
  const target = depot.demand?.circuit
  const at = snapshot.rows.findIndex(({ id }) => target !== undefined && id === demandRow(target.id))
  const paidW = target?.demandTargetW
  return {
    vehicles: [...present.values()].map(({ vehicle }) => vehicle),
    rows: snapshot.rows.map(({ duty, capacity, base }, row) => ({
      duty,
      capacity:
        row === at
          ? Number.POSITIVE_INFINITY
          : capacity - (others[row] ?? 0) - Math.max(0, base) * BASE_ERROR,
    })),
    prices,
    peak:
      paidW === undefined || at < 0
        ? null
        : {
            paidW,
            baseW: Math.max(0, snapshot.rows[at]?.base ?? 0) * (1 + BASE_ERROR) + (others[at] ?? 0),
            pricePerKw: PEAK_KWH * spreadOf(prices),
          },
  }
}

/** Without prices any peak is worth avoiding. */
const spreadOf = (prices: readonly number[]): number =>
  prices.length === 0 ? 1 : Math.max(...prices) - Math.min(...prices)
