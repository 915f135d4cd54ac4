import type { EvseKey } from '@busbar/model/ids.ts'
import type { Level } from './rows.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'

/** What is wrong with an allocation; `subject` is the EVSE's key or the row's id. */
export interface Fault {
  readonly kind: 'missing' | 'not-steered' | 'above-max' | 'no-set-point' | 'row-over' | 'reason'
  readonly subject: string
  readonly text: string
}

type Shares = ReadonlyMap<EvseKey, { readonly level: Level }>

/**
 * Whether an allocation may be used. It reads the snapshot with arithmetic of its own and shares no code with what
 * allocates, so that one mistake cannot hide in both.
 *
 * Every EVSE has a whole level: what is expected of one that is not steered, else 0 or a set-point up to its `max`. No
 * row carries more than its capacity, in whole mA or W, loads rounded up; where it does because of what cannot be
 * steered, nobody who loads it gets anything on top.
 */
export function check(snapshot: SiteSnapshot, shares: Shares): readonly Fault[] {
  const faults = snapshot.evses.flatMap((evse) => faultOf(evse, shares.get(evse.key)?.level) ?? [])
  return [...faults, ...overloads(snapshot, shares)]
}

function faultOf(evse: SnapshotEvse, level: Level | undefined): Fault | undefined {
  const fault = (kind: Fault['kind'], text: string): Fault => ({
    kind,
    subject: evse.key,
    text: `${evse.key}: ${text}`,
  })
  if (level === undefined) return fault('missing', 'has no share')
  if (!evse.steerable)
    return level === evse.expected
      ? undefined
      : fault('not-steered', `gets ${level}, ${evse.expected} is expected`)
  if (!Number.isSafeInteger(level) || level < 0) return fault('missing', `no whole level (${level})`)
  if (level === 0) return undefined
  if (level > evse.max) return fault('above-max', `gets ${level} of at most ${evse.max}`)
  const known = evse.levels === undefined ? level % evse.step === 0 : evse.levels.includes(level)
  return known && level >= evse.min ? undefined : fault('no-set-point', `cannot be set to ${level}`)
}

function overloads(snapshot: SiteSnapshot, shares: Shares): readonly Fault[] {
  const carried = new Float64Array(snapshot.rows.length)
  const given = new Float64Array(snapshot.rows.length)
  for (const evse of snapshot.evses) {
    const level = shares.get(evse.key)?.level ?? 0
    for (let k = 0; k < evse.loads.length; k++) {
      const [row, load] = loadOf(snapshot, { evse, k, level })
      carried[row] = (carried[row] ?? 0) + load
      const anyway = evse.steerable ? loadOf(snapshot, { evse, k, level: 0 })[1] : load
      given[row] = Math.max(given[row] ?? 0, load - anyway)
    }
  }
  return snapshot.rows.flatMap(({ id, capacity }, row): Fault[] => {
    const [load, more] = [carried[row] ?? 0, given[row] ?? 0]
    if (load <= capacity || more <= 0) return []
    return [{ kind: 'row-over', subject: id, text: `${id}: ${load} of ${capacity}` }]
  })
}

/** What entry `k` of an EVSE counts on its row at a level: never below what it is stuck at. */
function loadOf(
  { rows }: SiteSnapshot,
  { evse, k, level }: { evse: SnapshotEvse; k: number; level: Level },
): [row: number, load: number] {
  const entry = evse.loads[k]
  if (entry === undefined) return [0, 0]
  const at = evse.steerable && level < evse.stuck ? evse.stuck : level
  const dealt =
    entry.grid === undefined ? at : at - (at % entry.grid) + (at % entry.grid > 0 ? entry.grid : 0)
  const load = Math.ceil(dealt * entry.perLevel - 1e-6)
  // A vehicle may stop at any time: relief counts on agreed limits only, and only of those we steer.
  const relief = rows[entry.row]?.duty === 'contract' && evse.steerable
  return [entry.row, load < 0 && !relief ? 0 : load]
}

/**
 * Reasons that are not true: an EVSE that names a row, although one set-point more for it alone would fit that row.
 * @param of.next the set-point above a level; endless when there is none
 */
export function checkReasons(
  snapshot: SiteSnapshot,
  shares: ReadonlyMap<EvseKey, { readonly level: Level; readonly bound: { kind: string; row?: number } }>,
  of: { next: (evse: SnapshotEvse, level: Level) => Level },
): readonly Fault[] {
  const carried = new Float64Array(snapshot.rows.length)
  for (const evse of snapshot.evses)
    for (let k = 0; k < evse.loads.length; k++) {
      const [row, load] = loadOf(snapshot, { evse, k, level: shares.get(evse.key)?.level ?? 0 })
      carried[row] = (carried[row] ?? 0) + load
    }
  return snapshot.evses.flatMap((evse): Fault[] => {
    const share = shares.get(evse.key)
    const named = share?.bound.row
    if (share === undefined || named === undefined || share.bound.kind !== 'row') return []
    let more = 0
    for (let k = 0; k < evse.loads.length; k++) {
      const [row, load] = loadOf(snapshot, { evse, k, level: share.level })
      if (row === named) more += loadOf(snapshot, { evse, k, level: of.next(evse, share.level) })[1] - load
    }
    const { id, capacity } = snapshot.rows[named] ?? { id: 'no row', capacity: Number.POSITIVE_INFINITY }
    if (more > 0 && (carried[named] ?? 0) + more > capacity) return []
    return [{ kind: 'reason', subject: evse.key, text: `${evse.key} names ${id}, which has room for a step` }]
  })
}
