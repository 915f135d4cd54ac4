import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { allocate } from './allocate.ts'
import { exampleSnapshot } from './example-snapshot.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'
import { type Move, transition } from './transition.ts'

const RUNS = { seed: 20261122, numRuns: 1000, interruptAfterTimeLimit: 10_000 }
const dealt = fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 260 })

/* The checker's own arithmetic. */
const onRow = (evse: SnapshotEvse, row: number, level: number): number => {
  const perLevel = evse.loads.find((c) => c.row === row)?.perLevel ?? 0
  return Math.max(0, Math.ceil(perLevel * level - 1e-6)) + 0
}
const sumOf = ({ evses }: SiteSnapshot, row: number, levelOf: (evse: SnapshotEvse) => number): number =>
  evses.reduce((sum, evse) => sum + onRow(evse, row, levelOf(evse)), 0)
const isOn = (evse: SnapshotEvse, row: number): boolean => evse.loads.some((c) => c.row === row)
const band = (evse: SnapshotEvse): number => Math.max(evse.step, (evse.current ?? 0) * 0.03, 500)

const tally = { instances: 0, raises: 0, decreases: 0, delayed: 0, needed: 0, first: 0, held: 0 }

/** The present after a station took in these moves. Nothing is released: a lowered EVSE counts as before. */
function delivered(snapshot: SiteSnapshot, moves: readonly Move[]): SiteSnapshot {
  const levels = new Map(moves.map(({ key, level }) => [key, level]))
  return {
    ...snapshot,
    evses: snapshot.evses.map((evse) => {
      const level = levels.get(evse.key)
      return level === undefined ? evse : { ...evse, current: level, hold: Math.max(evse.hold, level) }
    }),
  }
}

describe('every transition from any present', () => {
  test('keeps each row that fitted before it fitting after any subset of its messages', () => {
    fc.assert(
      fc.property(dealt, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (numbers, arrives) => {
        const snapshot = exampleSnapshot(numbers)
        const { moves } = transition(snapshot, allocate(snapshot))
        tally.instances++
        tally.raises += moves.filter(({ kind }) => kind === 'raise').length
        tally.decreases += moves.filter(({ kind }) => kind === 'decrease').length
        const subset = moves.filter((_, index) => arrives[index] === true)
        const prefixes = moves.map((_, count) => moves.slice(0, count + 1))
        for (const messages of [subset, ...prefixes]) {
          const after = delivered(snapshot, messages)
          snapshot.rows.forEach(({ capacity, id }, row) => {
            if (sumOf(snapshot, row, ({ hold }) => hold) > capacity) return
            expect([id, sumOf(after, row, ({ hold }) => hold) <= capacity]).toEqual([id, true])
          })
        }
      }),
      RUNS,
    )
  })

  test('raises nothing before start-up, on a row that may not rise or is overcommitted, or that rests', () => {
    fc.assert(
      fc.property(dealt, (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        const { moves } = transition(snapshot, allocate(snapshot))
        for (const { key } of moves.filter(({ kind }) => kind === 'raise')) {
          const evse = snapshot.evses.find((each) => each.key === key)
          expect(snapshot.mayRise).toBe(true)
          expect(evse?.resting).toBe(false)
          snapshot.rows.forEach((row, index) => {
            if (evse === undefined || !isOn(evse, index)) return
            expect(row.mayRise).toBe(true)
            expect(sumOf(snapshot, index, ({ hold }) => hold)).toBeLessThanOrEqual(row.capacity)
          })
        }
      }),
      RUNS,
    )
  })

  test('asks only for what is steerable, on its steps, within its bounds, and for no raise that is not worth it', () => {
    fc.assert(
      fc.property(dealt, (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        for (const { key, level, kind } of transition(snapshot, allocate(snapshot)).moves) {
          const evse = snapshot.evses.find((each) => each.key === key)
          expect(evse?.steerable).toBe(true)
          expect(level === 0 || level >= (evse?.min ?? 0)).toBe(true)
          expect(level % (evse?.step ?? 1)).toBe(0)
          if (kind === 'raise' && evse?.current != null)
            expect(level - evse.current).toBeGreaterThanOrEqual(
              Math.max(evse.step, 1000, evse.current * 0.03),
            )
          if (kind === 'decrease') expect(level).toBeLessThanOrEqual(evse?.current ?? evse?.fallback ?? 0)
        }
      }),
      RUNS,
    )
  })

  test('sends nothing when the same present comes again with what was sent taken in', () => {
    fc.assert(
      fc.property(dealt, (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        const shares = allocate(snapshot)
        const after = delivered(snapshot, transition(snapshot, shares).moves)
        expect(transition(after, shares).moves).toEqual([])
      }),
      RUNS,
    )
  })

  test('delays no decrease by dead band or rest when a row needs it', () => {
    fc.assert(
      fc.property(dealt, (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        const shares = allocate(snapshot)
        const { moves } = transition(snapshot, shares)
        const shareOf = (evse: SnapshotEvse) => shares.get(evse.key)?.level ?? 0
        const lowers = (evse: SnapshotEvse) =>
          evse.steerable && evse.current !== null && shareOf(evse) < evse.current
        const reluctant = (evse: SnapshotEvse) =>
          lowers(evse) && (evse.resting || (evse.current ?? 0) - shareOf(evse) <= band(evse))
        const kept = (evse: SnapshotEvse) => {
          if (!evse.steerable) return evse.expected
          return Math.max(reluctant(evse) ? (evse.current ?? 0) : shareOf(evse), evse.fallback, evse.stuck)
        }
        snapshot.rows.forEach(({ capacity }, row) => {
          const needed = sumOf(snapshot, row, kept) > capacity
          for (const evse of snapshot.evses.filter((each) => isOn(each, row) && reluctant(each))) {
            tally.delayed++
            if (!needed) continue
            tally.needed++
            expect(moves).toContainEqual({ key: evse.key, level: shareOf(evse), kind: 'decrease' })
          }
        })
      }),
      RUNS,
    )
  })

  test('sends every worthwhile decrease and every first limit within the fallback at once', () => {
    fc.assert(
      fc.property(dealt, (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        const shares = allocate(snapshot)
        const { moves } = transition({ ...snapshot, mayRise: false }, shares)
        for (const evse of snapshot.evses.filter(({ steerable }) => steerable)) {
          const level = shares.get(evse.key)?.level ?? 0
          const first = evse.current === null && level <= evse.fallback
          const worthwhile = evse.current !== null && evse.current - level > band(evse) && !evse.resting
          if (!first && !worthwhile) continue
          tally.first += first ? 1 : 0
          expect(moves).toContainEqual({ key: evse.key, level, kind: 'decrease' })
        }
      }),
      RUNS,
    )
  })

  test('says of every EVSE that stays below its share why', () => {
    fc.assert(
      fc.property(dealt, (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        const shares = allocate(snapshot)
        const { moves, stays } = transition(snapshot, shares)
        for (const evse of snapshot.evses.filter(({ steerable }) => steerable)) {
          const level = shares.get(evse.key)?.level ?? 0
          const moved = moves.some(({ key }) => key === evse.key)
          const below = evse.current === null ? level > evse.fallback : level > evse.current
          if (below && !moved) tally.held++
          if (below && !moved) expect(stays.has(evse.key)).toBe(true)
          if (level === evse.current) expect(stays.has(evse.key)).toBe(false)
        }
      }),
      RUNS,
    )
  })

  afterAll(() => {
    expect(tally.raises / tally.instances).toBeGreaterThan(0.3)
    expect(tally.decreases / tally.instances).toBeGreaterThan(0.5)
    expect(tally.needed).toBeGreaterThan(100)
    expect(tally.delayed - tally.needed).toBeGreaterThan(100)
    expect(tally.first).toBeGreaterThan(100)
    expect(tally.held).toBeGreaterThan(100)
  })
})
