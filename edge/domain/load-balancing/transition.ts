import type { EvseKey } from '@busbar/model/ids.ts'
import type { Allocation } from './allocate.ts'
import { type Level, loadAt } from './rows.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'

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
  /** Rows whose worst case is above their capacity now: nothing on them rises. */
  readonly overcommitted: readonly number[]
}

/**
 * From what stations may draw now to the new shares, safe after every message: a raise is allowed only when, with it
 * counted, the sum of all holds fits every row the EVSE is in. Decreases go at once and free room only when proven.
 */
export function transition(snapshot: SiteSnapshot, shares: Allocation): Transition {
  const worst = worstCase(snapshot)
  const wanted = wantedLevels(snapshot, shares)
  const stays = new Map<EvseKey, Stay>()
  const moves: Move[] = []
  const order = [...snapshot.evses].sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1))
  for (const evse of order) {
    const level = wanted.get(evse.key)
    if (level !== undefined && lowers(evse, level)) moves.push({ key: evse.key, level, kind: 'decrease' })
  }
  for (const evse of order) {
    const level = wanted.get(evse.key)
    if (level === undefined || level === evse.current || lowers(evse, level)) continue
    const raise = raiseNow(snapshot, { evse, level, worst })
    if (typeof raise === 'number') moves.push({ key: evse.key, level: raise, kind: 'raise' })
    else stays.set(evse.key, raise)
  }
  const overcommitted = worst.flatMap((load, row) =>
    load > (snapshot.rows[row]?.capacity ?? 0) ? [row] : [],
  )
  return { moves, stays, overcommitted }
}

/** A first limit no higher than the fallback raises nothing either. */
const lowers = (evse: SnapshotEvse, level: Level): boolean =>
  evse.current === null ? level <= evse.fallback : level < evse.current

/** What all EVSEs may draw at most, summed per row. */
export function worstCase(snapshot: SiteSnapshot): number[] {
  const sums = snapshot.rows.map(() => 0)
  for (const evse of snapshot.evses)
    for (const c of evse.loads) sums[c.row] = (sums[c.row] ?? 0) + loadAt(c, evse.hold)
  return sums
}

/** A change smaller than this is not worth a message: max(1 A or 500 W, 3 %). */
const deadBand = (level: Level, step: Level): Level => Math.max(step, level * 0.03, 500)

/** The shares, with changes left out that are too small or too soon, unless a row needs them. */
function wantedLevels(snapshot: SiteSnapshot, shares: Allocation): Map<EvseKey, Level> {
  const wanted = new Map<EvseKey, Level>()
  const reluctant: SnapshotEvse[] = []
  for (const evse of snapshot.evses) {
    const share = shares.get(evse.key)
    if (!evse.steerable || share === undefined) continue
    const down = evse.current !== null && share.level < evse.current
    const small =
      evse.current !== null && Math.abs(share.level - evse.current) <= deadBand(evse.current, evse.step)
    const resting = snapshot.at < evse.restUntil
    if (down && (small || resting)) reluctant.push(evse)
    wanted.set(evse.key, down && (small || resting) ? (evse.current ?? 0) : share.level)
  }
  const loads = rowLoads(snapshot, wanted)
  for (const evse of reluctant) {
    const needed = evse.loads.some((c) => (loads[c.row] ?? 0) > (snapshot.rows[c.row]?.capacity ?? 0))
    if (needed) wanted.set(evse.key, shares.get(evse.key)?.level ?? 0)
  }
  return wanted
}

/** Row loads if every EVSE drew what is wanted for it now (the larger of current and wanted where it may only fall). */
function rowLoads(snapshot: SiteSnapshot, wanted: ReadonlyMap<EvseKey, Level>): number[] {
  const sums = snapshot.rows.map(() => 0)
  for (const evse of snapshot.evses) {
    const level = evse.steerable ? Math.max(wanted.get(evse.key) ?? evse.hold, evse.fallback) : evse.hold
    for (const c of evse.loads) sums[c.row] = (sums[c.row] ?? 0) + loadAt(c, level)
  }
  return sums
}

/** The level to raise to now, whole or in part, or why not; counts it into `worst` when it goes. */
function raiseNow(
  snapshot: SiteSnapshot,
  { evse, level, worst }: { evse: SnapshotEvse; level: Level; worst: number[] },
): Level | Stay {
  const from = evse.current ?? 0
  if (!snapshot.mayRise) return 'startup'
  if (evse.loads.some((c) => snapshot.rows[c.row]?.mayRise === false)) return 'meter'
  if (evse.current !== null && level - from <= deadBand(from, evse.step)) return 'dead-band'
  if (snapshot.at < evse.restUntil) return 'resting'
  const room = fitting(snapshot, { evse, level, worst })
  const enough =
    room >= level || room - Math.max(from, evse.fallback) > Math.max(2000, deadBand(from, evse.step))
  if (!enough || room <= from) return 'awaits-room'
  for (const c of evse.loads)
    worst[c.row] = (worst[c.row] ?? 0) + Math.max(0, loadAt(c, room) - loadAt(c, evse.hold))
  return room
}

/** The highest level up to `level` that fits every row with everyone else at hold. */
function fitting(
  snapshot: SiteSnapshot,
  { evse, level, worst }: { evse: SnapshotEvse; level: Level; worst: readonly number[] },
): Level {
  let most = level
  for (const c of evse.loads) {
    const others = (worst[c.row] ?? 0) - loadAt(c, evse.hold)
    const room = (snapshot.rows[c.row]?.capacity ?? 0) - others
    most = Math.min(most, Math.floor(room / c.perLevel))
  }
  const stepped = Math.floor(most / evse.step) * evse.step
  return stepped < evse.min ? 0 : stepped
}
