import { describe, expect, test } from 'vitest'
import { MOST_TURNS, TURN_S } from './admission.ts'
import { allocate, allocateWith } from './allocate.ts'
import { oneStepProgram, proposalOf } from './one-step-lp.ts'
import { levelsOf, plainEvse, plainRow, plainSnapshot } from './plain-snapshot.ts'
import type { SnapshotEvse, Turn } from './snapshot.ts'

const onOneRow = (capacityA: number, evses: readonly [string, Partial<SnapshotEvse>][]) =>
  plainSnapshot(
    [plainRow('main', capacityA * 1000)],
    evses.map(([key, of]) => plainEvse(key, [0], of)),
  )
const boundOf = (snapshot: ReturnType<typeof onOneRow>, key: string) =>
  [...allocate(snapshot)].find(([each]) => each === key)?.[1].bound

describe('minimums', () => {
  test('go to as many as fit before anyone gets more, by tier, then rank, then key', () => {
    const snapshot = onOneRow(19, [
      ['a', { rank: 2, weight: 4 }],
      ['b', { rank: 1 }],
      ['c', { rank: 2 }],
      ['d', { rank: 9, tier: 1 }],
      ['e', { rank: 0, tier: 2 }],
    ])
    expect(levelsOf(allocate(snapshot))).toEqual({ a: 7, b: 6, c: 6, d: 0, e: 0 })
    expect(boundOf(snapshot, 'd')).toEqual({ kind: 'waits', row: 0 })
  })

  test('go round by turns among equals: who was served for a turn gives way to who waited longest', () => {
    const served = (forS: number): Turn => ({ kind: 'served', forS })
    const waits = (forS: number): Turn => ({ kind: 'waits', forS, stopped: false })
    const at = (turns: Record<string, Turn>) =>
      levelsOf(
        allocate(
          onOneRow(
            12,
            Object.entries(turns).map(([key, turn]) => [key, { turn }]),
          ),
        ),
      )
    expect(at({ a: served(TURN_S), b: served(TURN_S - 1), c: waits(30), d: waits(60) })).toEqual({
      a: 0,
      b: 6,
      c: 0,
      d: 6,
    })
    expect(at({ a: served(TURN_S), b: waits(900), c: served(700) })).toEqual({ a: 0, b: 6, c: 6 })
  })

  test('stay in their least turn, and what was stopped does not start again at once', () => {
    const snapshot = onOneRow(6, [
      ['a', { rank: 0, turn: { kind: 'waits', forS: 599, stopped: true } }],
      ['b', { rank: 1, turn: { kind: 'waits', forS: 5, stopped: false } }],
      ['c', { rank: 2, turn: { kind: 'served', forS: 599 } }],
    ])
    expect(levelsOf(allocate(snapshot))).toEqual({ a: 0, b: 0, c: 6 })
    expect(boundOf(snapshot, 'a')).toEqual({ kind: 'stopped' })
  })

  test('go first to who has waited for too many turns, whatever its tier and rank, and nobody takes the room it needs', () => {
    const waited: Turn = { kind: 'waits', forS: MOST_TURNS * TURN_S, stopped: false }
    const late = { tier: 3, rank: 9, min: 8000, turn: waited }
    const first: Turn = { kind: 'served', forS: 10 }
    expect(
      levelsOf(
        allocate(
          onOneRow(8, [
            ['a', {}],
            ['late', late],
          ]),
        ),
      ),
    ).toEqual({ a: 0, late: 8 })
    const beside = onOneRow(13, [
      ['a', {}],
      ['b', { turn: first }],
      ['late', late],
    ])
    expect(levelsOf(allocate(beside))).toEqual({ a: 0, b: 13, late: 0 })
  })
})

describe('what is promised', () => {
  test('is given before any surplus, the same part to all of a tier, a higher tier first', () => {
    const snapshot = onOneRow(50, [
      ['a', { guarantee: 20_000 }],
      ['b', { guarantee: 10_000 }],
      ['c', { tier: 2, guarantee: 20_000 }],
      ['d', { weight: 4 }],
    ])
    expect(levelsOf(allocate(snapshot))).toEqual({ a: 20, b: 10, c: 14, d: 6 })
    const short = onOneRow(30, [
      ['a', { guarantee: 32_000 }],
      ['b', { guarantee: 16_000 }],
    ])
    expect(levelsOf(allocate(short))).toEqual({ a: 20, b: 10 })
  })
})

describe('set-points from a list', () => {
  test('are the only ones given', () => {
    const levels = [8000, 16_000, 24_000, 32_000]
    const snapshot = onOneRow(45, [
      ['a', { levels }],
      ['b', { levels }],
      ['c', {}],
    ])
    expect(levelsOf(allocate(snapshot))).toEqual({ a: 16, b: 8, c: 21 })
  })
})

describe('who is deferred', () => {
  test('gets what the others leave, and its minimum only then', () => {
    const snapshot = onOneRow(40, [
      ['a', { deferred: true, weight: 4 }],
      ['b', { rank: 1 }],
    ])
    expect(levelsOf(allocate(snapshot))).toEqual({ a: 8, b: 32 })
  })
})

describe('rows dealt in lumps', () => {
  test('give whole modules: none is shared between two outlets', () => {
    const outlet = { min: 5000, step: 100, max: 150_000, wattsPerLevel: 1 }
    const loads = [{ row: 0, perLevel: 1, grid: 30_000 }]
    const snapshot = onOneRow(150, [
      ['a', { ...outlet, loads }],
      ['b', { ...outlet, loads }],
    ])
    expect(levelsOf(allocate(snapshot))).toEqual({ a: 90, b: 60 })
  })
})

describe('a proposal', () => {
  const rows = ['l1', 'l2', 'l3'].map((id) => plainRow(id, 32_000))
  const mixed = plainSnapshot(rows, [
    plainEvse('all', [0, 1, 2], { wattsPerLevel: 0.69 }),
    plainEvse('one', [0]),
    plainEvse('two', [1]),
  ])

  test('is asked for as a program of the surplus above what is promised', () => {
    const step = oneStepProgram(mixed)
    expect(step?.keys).toEqual(['all', 'one', 'two'])
    expect(step?.program.cost).toEqual(Float64Array.of(-0.69, -0.23, -0.23))
    expect([...(step?.program.lower ?? [])]).toEqual([6, 6, 6])
    expect([...(step?.program.rowUpper ?? [])]).toEqual([32, 32, 32])
    expect([...(step?.program.starts ?? [])]).toEqual([0, 2, 4, 5])
    expect([...(step?.program.indices ?? [])]).toEqual([0, 1, 0, 2, 0])
  })

  test('is taken where it is worth more than filling', () => {
    const step = oneStepProgram(mixed)
    const proposal = step && proposalOf(step, [25.9999999, 6, 6])
    const { shares, proposed } = allocateWith(mixed, proposal)
    expect([levelsOf(shares), proposed]).toEqual([{ all: 26, one: 6, two: 6 }, true])
    expect(levelsOf(allocate(mixed))).not.toEqual(levelsOf(shares))
  })

  test('is brought within the rows, and left where it is worth less or is no number', () => {
    const step = oneStepProgram(mixed)
    const over = step && proposalOf(step, [32, 32, 32])
    const after = levelsOf(allocateWith(mixed, over).shares)
    expect((after.all ?? 0) + (after.one ?? 0)).toBeLessThanOrEqual(32)
    const poor = step && proposalOf(step, [6, 26, Number.NaN])
    expect(allocateWith(mixed, poor)).toEqual({ shares: allocate(mixed), proposed: false })
  })
})
