import type { EvseKey } from '@busbar/model/ids.ts'
import { type Allocation, allocate, type Bound } from './allocate.ts'
import { guard } from './guard.ts'
import type { Level } from './rows.ts'
import type { SiteSnapshot } from './snapshot.ts'
import { type Move, type Stay, type Transition, transition } from './transition.ts'

/** Raised when a record of before can no longer be replayed by this program. */
export const RECORD_VERSION = 1

/** One decision as it was made, with all that it was made from: enough to make it again. */
export interface DecisionRecord {
  readonly version: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly snapshot: SiteSnapshot
  /** The guard stood in for the balancer. */
  readonly guarded: boolean
  readonly shares: readonly (readonly [EvseKey, Level, Bound])[]
  readonly moves: readonly Move[]
  readonly stays: readonly (readonly [EvseKey, Stay])[]
  /** For sentences: of rows and EVSEs, by id and key. */
  readonly names: {
    readonly rows: Readonly<Record<string, string>>
    readonly evses: Readonly<Record<string, string>>
  }
}

/** What becomes a record. */
export interface Recordable {
  readonly snapshot: SiteSnapshot
  readonly guarded: boolean
  readonly shares: Allocation
  readonly transition: Pick<Transition, 'moves' | 'stays'>
}

/** The record of a decision. */
export const recordOf = (
  { snapshot, guarded, shares, transition: { moves, stays } }: Recordable,
  of: Pick<DecisionRecord, 'at' | 'names'>,
): DecisionRecord => ({
  version: RECORD_VERSION,
  ...of,
  snapshot,
  guarded,
  shares: [...shares].map(([key, { level, bound }]) => [key, level, bound] as const),
  moves,
  stays: [...stays],
})

/** A record made again. */
export interface Replayed {
  readonly shares: Allocation
  readonly transition: Transition
  /** Where it differs from what was recorded, in words; empty when it is the same. */
  readonly differences: readonly string[]
}

/** Makes the decision again from the recorded snapshot and compares every share and every limit sent. */
export function replay(record: DecisionRecord): Replayed {
  const { snapshot } = record
  const again = record.guarded ? guard(snapshot) : balanced(snapshot)
  const recorded = new Map(record.shares.map(([key, level]) => [key, level]))
  const keys = new Set([...recorded.keys(), ...again.shares.keys()])
  const shares = [...keys].flatMap((key) => {
    const [was, is] = [recorded.get(key), again.shares.get(key)?.level]
    return was === is ? [] : [`share of ${key}: recorded ${was ?? 'none'}, replayed ${is ?? 'none'}`]
  })
  const limits = movesDiffer(record.moves, again.transition.moves)
  return { ...again, differences: [...shares, ...limits] }
}

function balanced(snapshot: SiteSnapshot): Pick<Replayed, 'shares' | 'transition'> {
  const shares = allocate(snapshot)
  return { shares, transition: transition(snapshot, shares) }
}

function movesDiffer(recorded: readonly Move[], replayed: readonly Move[]): readonly string[] {
  const text = (move: Move | undefined) => (move === undefined ? 'none' : `${move.kind} to ${move.level}`)
  const [was, is] = [recorded, replayed].map((moves) => new Map(moves.map((move) => [move.key, move])))
  const keys = new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])
  return [...keys].flatMap((key) => {
    const [before, now] = [text(was?.get(key)), text(is?.get(key))]
    return before === now ? [] : [`limit of ${key}: recorded ${before}, replayed ${now}`]
  })
}
