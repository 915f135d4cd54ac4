import type { EvseKey } from '@busbar/model/ids.ts'
import { type Allocation, inOrder } from './allocate.ts'
import { type Coefficient, type Level, levelWithin } from './rows.ts'
import { quantise } from './set-points.ts'
import { countedOn, likelyLevel, type SiteSnapshot, type SnapshotEvse } from './snapshot.ts'

/** A limit to send. A decrease leaves at once; a raise only after the record that it may be in force is durable. */
export interface Move {
  readonly key: EvseKey
  readonly level: Level
  readonly kind: 'decrease' | 'raise'
}

/** Why an EVSE's limit stays although its share is another. */
export type Stay = 'resting' | 'dead-band' | 'awaits-room' | 'meter' | 'startup'

export interface Transition {
  readonly moves: readonly Move[]
  readonly stays: ReadonlyMap<EvseKey, Stay>
  /** What all EVSEs may draw at most on each row, with the raises among the moves counted. */
  readonly worst: readonly number[]
  /** Rows whose worst case is above their capacity now: nothing on them rises. */
  readonly overcommitted: readonly number[]
}

/**
 * From what stations may draw now to the new shares, safe after every message: a raise is allowed only when, with it
 * counted, the sum of all holds fits every row the EVSE is in. Decreases go at once and free room only when proven. What
 * lies below a raise that may never have arrived, but above what stood before, is lowered to what stood before.
 */
export function transition(snapshot: SiteSnapshot, shares: Allocation): Transition {
  const worst = worstCase(snapshot)
  const wanted = wantedLevels(snapshot, shares)
  const stays = new Map<EvseKey, Stay>()
  const decreases: Move[] = []
  const raises: Move[] = []
  const changing = inOrder(snapshot.evses).flatMap((evse) => {
    const level = wanted.get(evse.key)
    return level === undefined || level === evse.current ? [] : [{ evse, level }]
  })
  for (const { evse, level } of changing.filter((change) => lowers(change.evse, change.level))) {
    decreases.push({ key: evse.key, level, kind: 'decrease' })
    count(snapshot, { evse, level, worst })
  }
  for (const { evse, level } of changing.filter((change) => !lowers(change.evse, change.level))) {
    const raise = raiseNow(snapshot, { evse, level, worst })
    if (typeof raise === 'number') raises.push({ key: evse.key, level: raise, kind: 'raise' })
    else if (evse.sure !== undefined && level < (evse.current ?? 0))
      decreases.push({ key: evse.key, level: quantise(evse, evse.sure), kind: 'decrease' })
    else stays.set(evse.key, raise)
  }
  const overcommitted = worst.flatMap((load, row) => (load > capacityOf(snapshot, row) ? [row] : []))
  return { moves: [...decreases, ...raises], stays, worst, overcommitted }
}

const capacityOf = (snapshot: SiteSnapshot, row: number): number => snapshot.rows[row]?.capacity ?? 0

/** A first limit no higher than the fallback raises nothing either; below a raise that may be lost, only `sure` does. */
const lowers = (evse: SnapshotEvse, level: Level): boolean =>
  evse.current === null ? level <= evse.fallback : level <= (evse.sure ?? evse.current)

/** Per row, what all EVSEs may draw at most; on a contract row, what they are expected to draw. */
export function worstCase(snapshot: SiteSnapshot): number[] {
  return rowSums(snapshot, (evse) => ({ evse, most: evse.hold, likely: likelyLevel(evse) }))
}

function rowSums(
  { rows, evses }: SiteSnapshot,
  levels: (evse: SnapshotEvse) => Parameters<typeof countedOn>[2],
): number[] {
  const sums = rows.map(() => 0)
  for (const evse of evses) {
    const of = levels(evse)
    for (const c of evse.loads) sums[c.row] = (sums[c.row] ?? 0) + countedOn(rows[c.row], c, of)
  }
  return sums
}

/** A raise of less than this is not worth a message: max(one step, 1 A or 1 kW, 3 %). */
const leastRaise = (level: Level, step: Level): Level => Math.max(step, level * 0.03, 1000)
/** A decrease up to this is not worth a message unless a row needs it: max(one step, 0.5 A or 500 W, 3 %). */
const deadBand = (level: Level, step: Level): Level => Math.max(step, level * 0.03, 500)

/** Whether going down to `share` is not worth a message by itself. */
export const inDeadBand = ({ current, step }: SnapshotEvse, share: Level): boolean =>
  current !== null && current - share <= deadBand(current, step)

/** The shares, with decreases left out that are too small or too soon, unless a row needs them. */
function wantedLevels(snapshot: SiteSnapshot, shares: Allocation): Map<EvseKey, Level> {
  const wanted = new Map<EvseKey, Level>()
  const reluctant: SnapshotEvse[] = []
  for (const evse of snapshot.evses) {
    const share = shares.get(evse.key)
    if (!evse.steerable || share === undefined) continue
    wanted.set(evse.key, share.level)
    if (evse.current === null || share.level >= evse.current) continue
    if (!inDeadBand(evse, share.level) && !evse.resting) continue
    reluctant.push(evse)
    wanted.set(evse.key, evse.current)
  }
  const loads = rowLoads(snapshot, wanted)
  for (const evse of reluctant) {
    const needed = evse.loads.some((c) => c.perLevel > 0 && (loads[c.row] ?? 0) > capacityOf(snapshot, c.row))
    if (needed) wanted.set(evse.key, shares.get(evse.key)?.level ?? 0)
  }
  return wanted
}

/** Row loads if every EVSE that can be steered drew what is wanted for it, and every other what is expected of it. */
function rowLoads(snapshot: SiteSnapshot, wanted: ReadonlyMap<EvseKey, Level>): number[] {
  return rowSums(snapshot, (evse) => {
    const level = evse.steerable
      ? Math.max(wanted.get(evse.key) ?? evse.hold, evse.fallback, evse.stuck)
      : evse.expected
    return { evse, most: level, likely: level }
  })
}

/** The level to raise to now, whole or in part, or why not; counts it into `worst` when it goes. */
function raiseNow(
  snapshot: SiteSnapshot,
  { evse, level, worst }: { evse: SnapshotEvse; level: Level; worst: number[] },
): Level | Stay {
  const from = evse.sure ?? evse.current ?? 0
  if (!snapshot.mayRise) return 'startup'
  const loaded = evse.loads.filter(({ perLevel }) => perLevel > 0)
  if (loaded.some((c) => snapshot.rows[c.row]?.mayRise === false)) return 'meter'
  if (evse.current !== null && level - from < leastRaise(from, evse.step)) return 'dead-band'
  if (evse.resting) return 'resting'
  if (loaded.some((c) => (worst[c.row] ?? 0) > capacityOf(snapshot, c.row))) return 'awaits-room'
  const room = fitting(snapshot, { evse, level, worst })
  const enough =
    room >= level || room - Math.max(from, evse.fallback) > Math.max(2000, deadBand(from, evse.step))
  if (!enough || room <= from) return 'awaits-room'
  count(snapshot, { evse, level: room, worst })
  return room
}

/** Counts a move into `worst`: a lower limit frees nothing of a protect row until it is proven. */
function count(
  snapshot: SiteSnapshot,
  { evse, level, worst }: { evse: SnapshotEvse; level: Level; worst: number[] },
): void {
  const after = { evse, most: Math.max(level, evse.hold), likely: Math.max(level, evse.stuck) }
  for (const c of evse.loads)
    worst[c.row] =
      (worst[c.row] ?? 0) + countedOn(snapshot.rows[c.row], c, after) - countedNow(snapshot, evse, c)
}

/** The highest level up to `level` that fits every row with everyone else at hold. */
function fitting(
  snapshot: SiteSnapshot,
  { evse, level, worst }: { evse: SnapshotEvse; level: Level; worst: readonly number[] },
): Level {
  let most = level
  for (const c of evse.loads) {
    const others = (worst[c.row] ?? 0) - countedNow(snapshot, evse, c)
    most = Math.min(most, levelWithin(c, capacityOf(snapshot, c.row) - others))
  }
  return quantise(evse, most)
}

const countedNow = (snapshot: SiteSnapshot, evse: SnapshotEvse, c: Coefficient): number =>
  countedOn(snapshot.rows[c.row], c, { evse, most: evse.hold, likely: likelyLevel(evse) })
