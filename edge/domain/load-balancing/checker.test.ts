import { as, type EvseKey } from '@busbar/model/ids.ts'
import { describe, expect, test } from 'vitest'
import { check, checkReasons } from './checker.ts'
import { plainEvse, plainRow, plainSnapshot } from './plain-snapshot.ts'
import type { SnapshotEvse } from './snapshot.ts'

const shares = (levels: Record<string, number>) =>
  new Map(Object.entries(levels).map(([key, level]) => [as<EvseKey>(key), { level }]))
const kinds = (rowA: number, evses: readonly SnapshotEvse[], levels: Record<string, number>) =>
  check(plainSnapshot([plainRow('main', rowA * 1000)], evses), shares(levels)).map(({ kind, subject }) => [
    kind,
    subject,
  ])

describe('an allocation', () => {
  const two = [plainEvse('a', [0]), plainEvse('b', [0])]

  test('that fits passes', () => {
    expect(kinds(32, two, { a: 16_000, b: 16_000 })).toEqual([])
  })

  test('that loads a row by a milliampere too much is refused', () => {
    expect(kinds(31.999, two, { a: 16_000, b: 16_000 })).toEqual([['row-over', 'main']])
  })

  test('counts what an EVSE is stuck at, and what is expected of one that is not steered', () => {
    const stuck = [plainEvse('a', [0], { stuck: 20_000 }), plainEvse('b', [0])]
    expect(kinds(32, stuck, { a: 6000, b: 16_000 })).toEqual([['row-over', 'main']])
    const lost = [plainEvse('a', [0], { steerable: false, expected: 20_000 }), plainEvse('b', [0])]
    expect(kinds(32, lost, { a: 20_000, b: 16_000 })).toEqual([['row-over', 'main']])
    expect(kinds(32, lost, { a: 0, b: 16_000 })).toEqual([['not-steered', 'a']])
  })

  test('passes over a row that is too full without it, as long as it adds nothing', () => {
    const lost = [plainEvse('a', [0], { steerable: false, expected: 40_000 }), plainEvse('b', [0])]
    expect(kinds(32, lost, { a: 40_000, b: 0 })).toEqual([])
    expect(kinds(32, lost, { a: 40_000, b: 6000 })).toEqual([['row-over', 'main']])
  })

  test('must be at set-points, up to the maximum, for everyone', () => {
    expect(kinds(99, two, { a: 5000, b: 6500 })).toEqual([
      ['no-set-point', 'a'],
      ['no-set-point', 'b'],
    ])
    expect(kinds(99, two, { a: 33_000 })).toEqual([
      ['above-max', 'a'],
      ['missing', 'b'],
    ])
    expect(kinds(99, [plainEvse('a', [0], { levels: [8000, 16_000] })], { a: 9000 })).toEqual([
      ['no-set-point', 'a'],
    ])
    expect(kinds(99, two, { a: Number.NaN, b: -1000 })).toEqual([
      ['missing', 'a'],
      ['missing', 'b'],
      ['row-over', 'main'],
    ])
  })

  test('counts whole lumps, and relief on agreed limits only', () => {
    const outlets = ['a', 'b'].map((key) =>
      plainEvse(key, [], { loads: [{ row: 0, perLevel: 1, grid: 20_000 }] }),
    )
    expect(kinds(40, outlets, { a: 6000, b: 21_000 })).toEqual([['row-over', 'main']])
    const pair = [plainEvse('a', [0]), plainEvse('b', [], { loads: [{ row: 0, perLevel: -1 }] })]
    const row = plainRow('difference', 10_000)
    const levels = shares({ a: 16_000, b: 16_000 })
    expect(check(plainSnapshot([row], pair), levels)).toHaveLength(1)
    expect(check(plainSnapshot([{ ...row, duty: 'contract' }], pair), levels)).toEqual([])
  })
})

describe('a reason', () => {
  const next = (_: SnapshotEvse, level: number) => level + 1000
  const named = (level: number) => new Map([[as<EvseKey>('a'), { level, bound: { kind: 'row', row: 0 } }]])
  const snapshot = plainSnapshot([plainRow('main', 16_500)], [plainEvse('a', [0])])

  test('is true when one step more would overload the row it names', () => {
    expect(checkReasons(snapshot, named(16_000), { next })).toEqual([])
    expect(checkReasons(snapshot, named(15_000), { next })).toMatchObject([{ kind: 'reason', subject: 'a' }])
  })
})
