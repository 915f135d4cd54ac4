import type { EvseKey } from '@busbar/model/ids.ts'
import { type Allocation, allocate, type Share } from '../allocate.ts'
import type { Level } from '../rows.ts'
import { lowest, nextStep, quantise } from '../set-points.ts'
import type { SiteSnapshot, SnapshotEvse, SnapshotRow } from '../snapshot.ts'

export type Allocator = (snapshot: SiteSnapshot) => Allocation

const withEvses =
  (change: (evse: SnapshotEvse, index: number) => SnapshotEvse): Allocator =>
  (snapshot) =>
    allocate({ ...snapshot, evses: snapshot.evses.map(change) })

const withRows =
  (change: (row: SnapshotRow, index: number) => SnapshotRow): Allocator =>
  (snapshot) =>
    allocate({ ...snapshot, rows: snapshot.rows.map(change) })

const withShares =
  (change: (evse: SnapshotEvse, share: Share) => Share): Allocator =>
  (snapshot) => {
    const shares = allocate(snapshot)
    return new Map(
      snapshot.evses.flatMap((evse): [EvseKey, Share][] => {
        const share = shares.get(evse.key)
        return share === undefined ? [] : [[evse.key, evse.steerable ? change(evse, share) : share]]
      }),
    )
  }

const without = (evse: SnapshotEvse, ...names: readonly (keyof SnapshotEvse)[]): SnapshotEvse => {
  const copy: Partial<SnapshotEvse> = { ...evse }
  for (const name of names) delete (copy as Record<string, unknown>)[name]
  return copy as SnapshotEvse
}

const hash = (key: string): number =>
  [...key].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 97, 7)

/** Everyone in their order gets all that fits: what many controllers do. */
const greedy: Allocator = (snapshot) => {
  const left = snapshot.rows.map(({ capacity }) => capacity)
  const load = (evse: SnapshotEvse, k: number, level: Level): number => {
    const { perLevel = 0, grid } = evse.loads[k] ?? {}
    return Math.ceil(Math.max(0, perLevel) * (grid === undefined ? level : Math.ceil(level / grid) * grid))
  }
  const fits = (evse: SnapshotEvse, level: Level): boolean =>
    evse.loads.every(({ row }, k) => load(evse, k, level) <= Math.max(0, left[row] ?? 0))
  const take = (evse: SnapshotEvse, level: Level): void => {
    evse.loads.forEach(({ row }, k) => {
      left[row] = (left[row] ?? 0) - load(evse, k, level)
    })
  }
  for (const evse of snapshot.evses) if (!evse.steerable) take(evse, evse.expected)
  return new Map(
    snapshot.evses.map((evse): [EvseKey, Share] => {
      if (!evse.steerable) return [evse.key, { level: evse.expected, bound: { kind: 'fixed' } }]
      let level = quantise(evse, evse.max)
      while (level > 0 && !fits(evse, level)) level = quantise(evse, level - 1)
      take(evse, level)
      return [evse.key, { level, bound: { kind: 'max' } }]
    }),
  )
}

/** Allocators with one mistake each. A property that none of them breaks proves nothing. */
export const MUTANTS = {
  'forgets a row': withRows((row, index) => (index % 3 === 1 ? { ...row, capacity: 1e9 } : row)),
  'sees a tenth more room than there is': withRows((row) => ({
    ...row,
    capacity: Math.ceil(Math.abs(row.capacity) * 1.1),
  })),
  'takes protected rows for agreed ones': withRows((row) => ({ ...row, duty: 'contract' })),
  'counts nothing for stations out of reach': withEvses((evse) =>
    evse.steerable ? evse : { ...evse, loads: [] },
  ),
  'forgets what is stuck': withEvses((evse) => ({ ...evse, stuck: 0 })),
  'splits power modules': withEvses((evse) => ({
    ...evse,
    loads: evse.loads.map(({ row, perLevel }) => ({ row, perLevel })),
  })),
  'gives half an ampere more': withShares((evse, share) => ({
    ...share,
    level: share.level + (evse.min > 5000 ? 500 : 0),
  })),
  'rounds up to the next set-point': withShares((evse, share) => ({
    ...share,
    level: share.bound.kind === 'row' ? nextStep(evse, share.level) : share.level,
  })),
  'gives a fifth less to the first in order': (snapshot) => {
    const shares = new Map(allocate(snapshot))
    const first = snapshot.evses.find(({ steerable }) => steerable)
    const share = first && shares.get(first.key)
    if (first !== undefined && share !== undefined)
      shares.set(first.key, { ...share, level: quantise(first, share.level * 0.8) })
    return shares
  },
  'forgets what a vehicle may take': withEvses((evse) => ({ ...evse, max: 2 * evse.max })),
  'serves in order, as much as fits': greedy,
  'weighs by name': withEvses((evse) => ({ ...evse, weight: 1 + hash(evse.key) })),
  'weighs by place': withEvses((evse, index) => ({ ...evse, weight: 1 + (index % 5) })),
  'knows no tiers': withEvses((evse) => without(evse, 'tier', 'guarantee')),
  'turns tiers round': withEvses((evse) => ({ ...evse, tier: 4 - (evse.tier ?? 1) })),
  'turns tiers round at every other sum of limits': (snapshot) => {
    const sum = snapshot.rows.reduce((total, { capacity }) => total + capacity, 0)
    const turn = (evse: SnapshotEvse): SnapshotEvse =>
      sum % 2 === 0 ? evse : { ...evse, tier: 4 - (evse.tier ?? 1) }
    return allocate({ ...snapshot, evses: snapshot.evses.map(turn) })
  },
  'knows no turns': withEvses((evse) => without(evse, 'turn')),
  'favours one conductor': (snapshot) =>
    allocate({
      ...snapshot,
      evses: snapshot.evses.map((evse) => {
        const first = evse.loads.some(({ row }) => snapshot.rows[row]?.kind === 'l1')
        return first ? { ...evse, weight: evse.weight * 3 } : evse
      }),
    }),
  'keeps two amperes back on every row': withRows((row) => ({ ...row, capacity: row.capacity - 2000 })),
  'gives a row more the less it has': withRows((row) => ({
    ...row,
    capacity: row.capacity % 2 === 0 ? row.capacity : row.capacity + 40_000,
  })),
  'names a row that is not full': (snapshot) => {
    const shares = allocate(snapshot)
    const byKey = new Map(snapshot.evses.map((evse) => [evse.key, evse]))
    return new Map(
      [...shares].map(([key, share]): [EvseKey, Share] => {
        const other = byKey.get(key)?.loads.at(-1)?.row
        return share.bound.kind === 'row' && other !== undefined
          ? [key, { ...share, bound: { kind: 'row', row: other } }]
          : [key, share]
      }),
    )
  },
  'gives up when a row is full': withShares((evse, share) => ({
    ...share,
    level: share.bound.kind === 'row' ? Math.min(share.level, lowest(evse)) : share.level,
  })),
} as const satisfies Record<string, Allocator>

export type Mutant = keyof typeof MUTANTS
