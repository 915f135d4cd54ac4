import { monotonic } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { allocate } from './allocate.ts'
import { countedBase, nextBase } from './base-load.ts'
import { plainEvse, plainRow, plainSnapshot } from './plain-snapshot.ts'
import type { SnapshotEvse, SnapshotRow } from './snapshot.ts'
import { transition } from './transition.ts'

/** A feeder of 32 A below a parent of 40 A, each with three conductors: rows 0-2 and 3-5. */
interface Row {
  readonly says: string
  /** Measured on the feeder's conductors beside our EVSEs, A; negative is export. */
  readonly base: readonly [number, number, number]
  readonly parentBase?: readonly [number, number, number]
  /** Conductors of the feeder whose meter is not live. */
  readonly blind?: readonly number[]
  readonly a?: Partial<SnapshotEvse>
  readonly b?: Partial<SnapshotEvse>
  /** Expected: shares of `a` (three phases) and `b` (on L2 alone), A, and what is sent now, A. */
  readonly shares: readonly [number, number]
  readonly sent: Record<string, number>
}

const TABLE: readonly Row[] = [
  { says: 'no load: each gets half of L2', base: [0, 0, 0], shares: [8, 24], sent: { a: 8, b: 24 } },
  { says: 'loaded on L2: less for both', base: [0, 10, 0], shares: [6, 16], sent: { b: 16 } },
  {
    says: 'loaded on L1: only who uses it gets less',
    base: [25, 0, 0],
    shares: [7, 25],
    sent: { a: 7, b: 25 },
  },
  {
    says: 'overloaded on L2: both are stopped at once',
    base: [0, 33, 0],
    shares: [0, 0],
    sent: { a: 0, b: 0 },
  },
  {
    says: 'overloaded on L3: who does not use it charges on',
    base: [0, 0, 33],
    shares: [0, 32],
    sent: { a: 0, b: 26 },
  },
  {
    says: 'parent overloaded on L2: both are stopped although the feeder has room',
    base: [0, 0, 0],
    parentBase: [0, 41, 0],
    shares: [0, 0],
    sent: { a: 0, b: 0 },
  },
  {
    says: 'parent nearly full on L1: who uses it stays at its minimum',
    base: [0, 0, 0],
    parentBase: [34, 0, 0],
    shares: [6, 26],
    sent: { b: 26 },
  },
  {
    says: 'reverse flow on L2: exported current is no room on a conductor',
    base: [0, -20, 0],
    shares: [8, 24],
    sent: { a: 8, b: 24 },
  },
  {
    says: 'stale on L1: who is on it does not rise, the other may',
    base: [0, 0, 0],
    blind: [0],
    shares: [8, 24],
    sent: { b: 24 },
  },
  {
    says: 'stale on L2: nobody rises',
    base: [0, 0, 0],
    blind: [1],
    shares: [8, 24],
    sent: {},
  },
  {
    says: 'offline: what it may draw is kept free',
    base: [0, 0, 0],
    b: { steerable: false, hold: 20_000, expected: 20_000 },
    shares: [12, 20],
    sent: { a: 12 },
  },
  {
    says: 'disobeying: counts at what it draws, whatever it was told, and the other gives way',
    base: [0, 0, 0],
    a: { current: 16_000, hold: 16_000 },
    b: { stuck: 24_000, hold: 24_000, max: 6000 },
    shares: [8, 6],
    sent: { a: 8 },
  },
]

const row = (id: string, of: { limit: number; base: number; mayRise: boolean }): SnapshotRow => {
  const sample = { measured: of.base * 1000, draw: { low: 0, high: 0 }, at: monotonic(0) }
  const base = countedBase(nextBase(undefined, sample))
  const capacity = of.limit * 1000 - base
  return plainRow(id, capacity, { limit: of.limit * 1000, base, mayRise: of.mayRise })
}

describe('two EVSEs on a feeder, phase by phase', () => {
  test.each(TABLE)('$says', ({ base, parentBase = [0, 0, 0], blind = [], a, b, shares, sent }) => {
    const rows = [
      ...base.map((amps, phase) =>
        row(`feeder/l${phase + 1}`, { limit: 32, base: amps, mayRise: !blind.includes(phase) }),
      ),
      ...parentBase.map((amps, phase) =>
        row(`parent/l${phase + 1}`, { limit: 40, base: amps, mayRise: true }),
      ),
    ]
    const charging = { current: 6000, hold: 6000, expected: 6000 }
    const evses = [
      plainEvse('a', [0, 1, 2, 3, 4, 5], { ...charging, wattsPerLevel: 0.69, ...a }),
      plainEvse('b', [1, 4], { ...charging, rank: 1, ...b }),
    ]
    const snapshot = plainSnapshot(rows, evses)
    const found = allocate(snapshot)
    expect([...found.values()].map(({ level }) => level / 1000)).toEqual(shares)
    const { moves } = transition(snapshot, found)
    expect(Object.fromEntries(moves.map(({ key, level }) => [key, level / 1000]))).toEqual(sent)
  })
})
