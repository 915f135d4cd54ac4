import type { EvseKey } from '@busbar/model/ids.ts'
import { type Allocated, allocateWith, type Proposal } from '../load-balancing/allocate.ts'
import type { Level } from '../load-balancing/rows.ts'
import type { SiteSnapshot } from '../load-balancing/snapshot.ts'
import { traded } from './trades.ts'

/** With more EVSEs than this a set-point is little of a row, and trades would take long. */
const MOST_TRADING = 100

/**
 * An allocation for the most weighted power: the solver's proposal where it is safe, and then trades between set-points.
 * What the balancer would not give by itself it checks again; without a proposal it is its own filling that is traded.
 * @param takes the most that each vehicle draws, whatever its set-point
 */
export function bestStep(
  snapshot: SiteSnapshot,
  proposal: Proposal | undefined,
  takes: ReadonlyMap<EvseKey, Level>,
): Allocated {
  const first = allocateWith(snapshot, proposal)
  if (snapshot.evses.length > MOST_TRADING) return first
  const levels = new Map([...first.shares].map(([key, { level }]) => [key, level]))
  const better = allocateWith(snapshot, traded(snapshot, levels, takes))
  return better.proposed ? better : first
}
