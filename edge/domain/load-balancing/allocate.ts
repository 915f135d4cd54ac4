import type { EvseKey } from '@busbar/model/ids.ts'
import { type Level, loadAt } from './rows.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'

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
 * Divides the rows' capacity between EVSEs: weighted max-min fair in watts.
 *
 * Pure and deterministic (ties by rank, then key), in whole mA and W. No row exceeds its capacity when everything that
 * cannot be steered draws what is expected of it and every steerable EVSE the larger of its share and its fallback; where even that
 * does not fit, shares go below the fallback, least urgent first, to the minimum and then to 0.
 */
export function allocate(snapshot: SiteSnapshot): Allocation {
  const order = [...snapshot.evses].sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1))
  const room = new Room(snapshot)
  const shares = new Map<EvseKey, Share>()
  for (const evse of order) {
    if (evse.steerable) continue
    room.move(evse, 0, evse.expected)
    shares.set(evse.key, { level: evse.expected, bound: { kind: 'fixed' } })
  }
  const steered = order.filter((evse) => evse.steerable)
  const levels = floor(steered, room)
  fill(steered, levels, room)
  topUp(steered, levels, room)
  for (const evse of steered) {
    const level = levels.get(evse.key) ?? 0
    shares.set(evse.key, { level, bound: boundOf(evse, level, room) })
  }
  return shares
}

/** What is left on each row. */
class Room {
  readonly left: number[]

  constructor(snapshot: SiteSnapshot) {
    this.left = snapshot.rows.map((row) => row.capacity)
  }

  /** Moves the EVSE from one level to another. */
  move(evse: SnapshotEvse, from: Level, to: Level): void {
    for (const c of evse.loads) this.left[c.row] = (this.left[c.row] ?? 0) + loadAt(c, from) - loadAt(c, to)
  }

  /** The first row without room to move the EVSE up; undefined when all have it. */
  blocking(evse: SnapshotEvse, from: Level, to: Level): number | undefined {
    return evse.loads.find((c) => loadAt(c, to) - loadAt(c, from) > (this.left[c.row] ?? 0))?.row
  }

  /** Whether a row of the EVSE carries more than it may. */
  overloaded(evse: SnapshotEvse): boolean {
    return evse.loads.some((c) => (this.left[c.row] ?? 0) < 0)
  }
}

const quantise = (evse: SnapshotEvse, level: Level): Level => {
  const stepped = Math.floor(level / evse.step) * evse.step
  return stepped < evse.min ? 0 : stepped
}

const nextStep = (evse: SnapshotEvse, level: Level): Level =>
  level === 0 ? Math.max(evse.min, evse.step) : level + evse.step

/** Gives everyone the fallback, which counts anyway; where that does not fit, takes it back from the last in order. */
function floor(steered: readonly SnapshotEvse[], room: Room): Map<EvseKey, Level> {
  const levels = new Map<EvseKey, Level>()
  for (const evse of steered) {
    levels.set(evse.key, quantise(evse, evse.fallback))
    room.move(evse, 0, quantise(evse, evse.fallback))
  }
  for (const lowest of [(evse: SnapshotEvse) => evse.min, () => 0])
    for (const evse of [...steered].reverse()) {
      const level = levels.get(evse.key) ?? 0
      const lower = Math.min(level, lowest(evse))
      if (lower === level || !room.overloaded(evse)) continue
      room.move(evse, level, lower)
      levels.set(evse.key, lower)
    }
  return levels
}

/**
 * Progressive filling: raises everyone's watts per weight together; at a full row it freezes those on it that ask for
 * more.
 */
function fill(steered: readonly SnapshotEvse[], levels: Map<EvseKey, Level>, room: Room): void {
  const levelOf = (evse: SnapshotEvse): Level => levels.get(evse.key) ?? 0
  let open = steered.filter((evse) => nextStep(evse, levelOf(evse)) <= evse.max)
  while (open.length > 0) {
    const reach = (evse: SnapshotEvse, water: number): Level =>
      Math.max(levelOf(evse), quantise(evse, Math.min(evse.max, (water * evse.weight) / evse.wattsPerLevel)))
    const water = highestWater(open, room, { levelOf, reach })
    for (const evse of open) {
      const to = reach(evse, water)
      room.move(evse, levelOf(evse), to)
      levels.set(evse.key, to)
    }
    const before = open.length
    open = open.filter((evse) => {
      const more = nextStep(evse, levelOf(evse))
      return more <= evse.max && room.blocking(evse, levelOf(evse), more) === undefined
    })
    if (open.length === before) break
  }
}

interface Reach {
  readonly levelOf: (evse: SnapshotEvse) => Level
  readonly reach: (evse: SnapshotEvse, water: number) => Level
}

/** The highest common level of watts per weight at which all fit, found by halving; 1 W is fine enough. */
function highestWater(open: readonly SnapshotEvse[], room: Room, { levelOf, reach }: Reach): number {
  const fits = (water: number): boolean => {
    const need = new Map<number, number>()
    for (const evse of open) {
      const [from, to] = [levelOf(evse), reach(evse, water)]
      if (to === from) continue
      for (const c of evse.loads) need.set(c.row, (need.get(c.row) ?? 0) + loadAt(c, to) - loadAt(c, from))
    }
    return [...need].every(([row, amount]) => amount <= (room.left[row] ?? 0))
  }
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

/** Gives what rounding left over, a step at a time in order. */
function topUp(steered: readonly SnapshotEvse[], levels: Map<EvseKey, Level>, room: Room): void {
  for (let given = true; given; ) {
    given = false
    for (const evse of steered) {
      const level = levels.get(evse.key) ?? 0
      const more = nextStep(evse, level)
      if (more > evse.max || room.blocking(evse, level, more) !== undefined) continue
      room.move(evse, level, more)
      levels.set(evse.key, more)
      given = true
    }
  }
}

/** What keeps an EVSE from its next step: the explanation of its share. */
function boundOf(evse: SnapshotEvse, level: Level, room: Room): Bound {
  const more = nextStep(evse, level)
  const row = more > evse.max ? undefined : room.blocking(evse, level, more)
  return row === undefined ? { kind: 'max' } : { kind: 'row', row }
}
