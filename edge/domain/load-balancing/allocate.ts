import type { EvseKey } from '@busbar/model/ids.ts'
import type { Coefficient, Level } from './rows.ts'
import { countedOn, type SiteSnapshot, type SnapshotEvse, type SnapshotRow } from './snapshot.ts'

/** What bounds an EVSE's share: a full row, or its own `max`. */
export type Bound =
  | { readonly kind: 'row'; readonly row: number }
  | { readonly kind: 'max' }
  | { readonly kind: 'fixed' }

export interface Share {
  readonly level: Level
  readonly bound: Bound
}

/** What each EVSE should get. */
export type Allocation = ReadonlyMap<EvseKey, Share>

/**
 * Divides the rows' capacity between EVSEs: weighted max-min fair in watts. `allocate.md` tells how.
 *
 * Pure and deterministic (ties by rank, then key), in whole mA and W. No row exceeds its capacity when everything that
 * cannot be steered draws what is expected of it and every steerable EVSE the larger of its share, its fallback and
 * what it is stuck at; where even that does not fit, shares go below the fallback, least urgent first, to the minimum
 * and then to 0.
 */
export function allocate(snapshot: SiteSnapshot): Allocation {
  const order = inOrder(snapshot.evses)
  const steered = order.filter((evse) => evse.steerable)
  const plan = new Plan(snapshot)
  giveFallbacks(steered, plan)
  const bounds = fill(steered, plan)
  return new Map(
    order.map((evse) => [
      evse.key,
      { level: plan.levelOf(evse), bound: bounds.get(evse.key) ?? { kind: 'fixed' } },
    ]),
  )
}

/** The order where order decides: by rank, then by key. */
export const inOrder = (evses: readonly SnapshotEvse[]): readonly SnapshotEvse[] =>
  [...evses].sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))

/** The levels given so far, and what they leave of each row. */
class Plan {
  readonly #rows: readonly SnapshotRow[]
  readonly #left: Float64Array
  readonly #levels = new Map<EvseKey, Level>()

  constructor({ rows, evses }: SiteSnapshot) {
    this.#rows = rows
    this.#left = Float64Array.from(rows, (row) => row.capacity)
    for (const evse of evses) {
      const level = evse.steerable ? 0 : evse.expected
      this.#levels.set(evse.key, level)
      for (const c of evse.loads) this.#left[c.row] = this.left(c.row) - this.#counted(evse, c, level)
    }
  }

  left(row: number): number {
    return this.#left[row] ?? 0
  }

  levelOf(evse: SnapshotEvse): Level {
    return this.#levels.get(evse.key) ?? 0
  }

  move(evse: SnapshotEvse, to: Level): void {
    const from = this.levelOf(evse)
    if (to === from) return
    this.#levels.set(evse.key, to)
    for (const c of evse.loads) this.#left[c.row] = this.left(c.row) - this.#growth(evse, c, { from, to })
  }

  /** The first row without room to raise the EVSE; undefined when all have it. */
  blocking(evse: SnapshotEvse, to: Level): number | undefined {
    const from = this.levelOf(evse)
    return evse.loads.find((c) => {
      const more = this.#growth(evse, c, { from, to })
      return more > 0 && more > this.left(c.row)
    })?.row
  }

  /** Whether a row that the EVSE loads carries more than it may. */
  overloaded(evse: SnapshotEvse): boolean {
    return evse.loads.some((c) => c.perLevel > 0 && this.left(c.row) < 0)
  }

  /** Whether all may go to the level that `to` names. */
  allFit(evses: readonly SnapshotEvse[], to: (evse: SnapshotEvse) => Level): boolean {
    const need = new Float64Array(this.#left.length)
    for (const evse of evses) {
      const [from, level] = [this.levelOf(evse), to(evse)]
      if (level === from) continue
      for (const c of evse.loads)
        need[c.row] = (need[c.row] ?? 0) + this.#growth(evse, c, { from, to: level })
    }
    return need.every((amount, row) => amount <= 0 || amount <= this.left(row))
  }

  /** What an EVSE at `level` counts on a row: what it is stuck at counts anyway. */
  #counted(evse: SnapshotEvse, c: Coefficient, level: Level): number {
    const at = evse.steerable ? Math.max(level, evse.stuck) : level
    return countedOn(this.#rows[c.row], c, { evse, most: at, likely: at })
  }

  #growth(evse: SnapshotEvse, c: Coefficient, { from, to }: { from: Level; to: Level }): number {
    return this.#counted(evse, c, to) - this.#counted(evse, c, from)
  }
}

/** The lowest level above 0 that is on the EVSE's grid. */
const lowest = (evse: SnapshotEvse): Level => Math.max(1, Math.ceil(evse.min / evse.step)) * evse.step

/** Down to the EVSE's grid: a multiple of its step, 0 below its minimum. */
export function quantise(evse: SnapshotEvse, level: Level): Level {
  const stepped = Math.floor(level / evse.step) * evse.step
  return stepped < lowest(evse) ? 0 : stepped
}

/** The next level above this one on the EVSE's grid. */
export const nextStep = (evse: SnapshotEvse, level: Level): Level => Math.max(lowest(evse), level + evse.step)

/** Gives everyone the fallback, which counts anyway; where that does not fit, takes it back from the last in order. */
function giveFallbacks(steered: readonly SnapshotEvse[], plan: Plan): void {
  for (const evse of steered) plan.move(evse, quantise(evse, Math.min(evse.max, evse.fallback)))
  for (const floor of [lowest, () => 0])
    for (const evse of [...steered].reverse())
      if (plan.overloaded(evse)) plan.move(evse, Math.min(plan.levelOf(evse), floor(evse)))
}

/**
 * Progressive filling: raises everyone's watts per weight together; at a full row it freezes those on it that ask for
 * more. Of several that would step up at the same water level where not all fit, the first in order do.
 * @returns what each was frozen by: the explanation of its share
 */
function fill(steered: readonly SnapshotEvse[], plan: Plan): ReadonlyMap<EvseKey, Bound> {
  const bounds = new Map<EvseKey, Bound>()
  /** Whether the EVSE may go to `to`; if not, that is what bounds it. */
  const free = (evse: SnapshotEvse, to: Level): boolean => {
    const row = to > evse.max ? undefined : plan.blocking(evse, to)
    if (to > evse.max) bounds.set(evse.key, { kind: 'max' })
    else if (row !== undefined) bounds.set(evse.key, { kind: 'row', row })
    return !bounds.has(evse.key)
  }
  const canRise = (evse: SnapshotEvse): boolean => free(evse, nextStep(evse, plan.levelOf(evse)))
  const reach = (evse: SnapshotEvse, water: number): Level =>
    Math.max(
      plan.levelOf(evse),
      quantise(evse, Math.min(evse.max, (water * evse.weight) / evse.wattsPerLevel)),
    )
  let open = steered.filter(canRise)
  while (open.length > 0) {
    const water = highestWater(open, plan, reach)
    for (const evse of open) plan.move(evse, reach(evse, water))
    for (const evse of open) {
      const to = reach(evse, water + 1)
      if (free(evse, to)) plan.move(evse, to)
    }
    open = open.filter((evse) => !bounds.has(evse.key) && canRise(evse))
  }
  return bounds
}

/** The highest common level of watts per weight at which all fit, found by halving; 1 W is fine enough. */
function highestWater(
  open: readonly SnapshotEvse[],
  plan: Plan,
  reach: (evse: SnapshotEvse, water: number) => Level,
): number {
  const fits = (water: number): boolean => plan.allFit(open, (evse) => reach(evse, water))
  let low = 0
  let high = Math.max(...open.map((evse) => (evse.max * evse.wattsPerLevel) / evse.weight)) + 1
  if (fits(high)) return high
  while (high - low > 1) {
    const middle = (low + high) / 2
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}
