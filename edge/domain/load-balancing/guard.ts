import type { EvseKey } from '@busbar/model/ids.ts'
import type { Allocation, Share } from './allocate.ts'
import type { Coefficient, Level } from './rows.ts'
import { countedOn, likelyLevel, type SiteSnapshot, type SnapshotEvse } from './snapshot.ts'
import type { Move, Transition } from './transition.ts'

/** What stands when nobody proposes anything better. */
export interface Guarded {
  readonly shares: Allocation
  readonly transition: Transition
}

/**
 * Keeps every row within its capacity while the balancer gives no answer: each limit stays or is lowered, none rises, and
 * what arrives stays at its fallback. On a row that no longer fits, limits fall only as far as needed, least urgent
 * first: all to their fallback, then to their minimum, then to 0. Shares no code with the balancer, whose failure it covers.
 */
export function guard(snapshot: SiteSnapshot): Guarded {
  const order = [...snapshot.evses].sort((a, b) => b.rank - a.rank || (a.key < b.key ? 1 : -1))
  const levels = new Map<EvseKey, Level>(
    order.map((evse) => [evse.key, evse.steerable ? (evse.current ?? evse.fallback) : evse.expected]),
  )
  const left = leftOf(snapshot, levels)
  for (const floor of FLOORS)
    for (const evse of order)
      if (evse.steerable) relieve(snapshot, evse, { floor: floor(evse), levels, left })
  return { shares: sharesOf(levels), transition: transitionOf(snapshot, levels) }
}

const lowest = ({ min, step }: SnapshotEvse): Level => Math.max(1, Math.ceil(min / step)) * step

const FLOORS: readonly ((evse: SnapshotEvse) => Level)[] = [
  (evse) => Math.max(evse.fallback, lowest(evse)),
  lowest,
  () => 0,
]

const counted = (evse: SnapshotEvse, level: Level): Level =>
  evse.steerable ? Math.max(level, evse.stuck) : level

/** What an EVSE that may draw up to this level, and is expected to, puts on a row. */
function loadOn({ rows }: SiteSnapshot, c: Coefficient, of: { evse: SnapshotEvse; level: Level }): number {
  const level = counted(of.evse, of.level)
  return countedOn(rows[c.row], c, { evse: of.evse, most: level, likely: level })
}

function leftOf(snapshot: SiteSnapshot, levels: ReadonlyMap<EvseKey, Level>): Float64Array {
  const left = Float64Array.from(snapshot.rows, ({ capacity }) => capacity)
  for (const evse of snapshot.evses)
    for (const c of evse.loads)
      left[c.row] = (left[c.row] ?? 0) - loadOn(snapshot, c, { evse, level: levels.get(evse.key) ?? 0 })
  return left
}

/** Lowers one EVSE as far as its fullest row needs and the floor allows. */
function relieve(
  snapshot: SiteSnapshot,
  evse: SnapshotEvse,
  of: { floor: Level; levels: Map<EvseKey, Level>; left: Float64Array },
): void {
  const { levels, left } = of
  const from = levels.get(evse.key) ?? 0
  const excess = Math.max(
    0,
    ...evse.loads.map((c) => (c.perLevel > 0 ? -(left[c.row] ?? 0) / c.perLevel : 0)),
  )
  if (excess === 0 || from <= of.floor) return
  const to = of.floor === 0 ? 0 : Math.max(of.floor, Math.floor((from - excess) / evse.step) * evse.step)
  levels.set(evse.key, to)
  for (const c of evse.loads)
    left[c.row] =
      (left[c.row] ?? 0) +
      loadOn(snapshot, c, { evse, level: from }) -
      loadOn(snapshot, c, { evse, level: to })
}

const sharesOf = (levels: ReadonlyMap<EvseKey, Level>): Allocation =>
  new Map([...levels].map(([key, level]): [EvseKey, Share] => [key, { level, bound: { kind: 'fixed' } }]))

function transitionOf({ rows, evses }: SiteSnapshot, levels: ReadonlyMap<EvseKey, Level>): Transition {
  const worst = rows.map(() => 0)
  for (const evse of evses)
    for (const c of evse.loads)
      worst[c.row] =
        (worst[c.row] ?? 0) + countedOn(rows[c.row], c, { evse, most: evse.hold, likely: likelyLevel(evse) })
  const moves = evses.flatMap((evse): Move[] => {
    const level = levels.get(evse.key) ?? 0
    const lower = evse.steerable && level < (evse.current ?? evse.fallback)
    // Below a raise that may be lost, no more than what stood before: the rest could be a raise.
    return lower ? [{ key: evse.key, level: Math.min(level, evse.sure ?? level), kind: 'decrease' }] : []
  })
  const overcommitted = rows.flatMap(({ capacity }, row) => ((worst[row] ?? 0) > capacity ? [row] : []))
  return { moves, stays: new Map(), worst, overcommitted }
}
