import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type Allocation, allocate } from './allocate.ts'
import { exampleSnapshot, shuffled } from './example-snapshot.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'

const RUNS = { seed: 20261121, numRuns: 700, interruptAfterTimeLimit: 10_000 }
const dealt = fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 260 })

/* The checker: its own arithmetic, nothing of the allocator's. */
const onRow = (evse: SnapshotEvse, row: number, level: number): number => {
  const perLevel = evse.loads.find((c) => c.row === row)?.perLevel ?? 0
  return Math.max(0, Math.ceil(perLevel * level - 1e-6)) + 0
}
const shareOf = (shares: Allocation, evse: SnapshotEvse): number => shares.get(evse.key)?.level ?? Number.NaN
const countedLevel = (shares: Allocation, evse: SnapshotEvse): number =>
  evse.steerable ? Math.max(shareOf(shares, evse), evse.stuck) : evse.expected
const rowLoad = ({ evses }: SiteSnapshot, shares: Allocation, row: number): number =>
  evses.reduce((sum, evse) => sum + onRow(evse, row, countedLevel(shares, evse)), 0)
const smallest = (evse: SnapshotEvse): number => Math.max(1, Math.ceil(evse.min / evse.step)) * evse.step
const next = (evse: SnapshotEvse, level: number): number => Math.max(smallest(evse), level + evse.step)
const rowsOf = (evse: SnapshotEvse): readonly number[] => evse.loads.map((c) => c.row)
const steered = ({ evses }: SiteSnapshot) => evses.filter((evse) => evse.steerable)
const gridFloor = (evse: SnapshotEvse, level: number): number => {
  const stepped = Math.floor(Math.min(level, evse.max) / evse.step) * evse.step
  return stepped < smallest(evse) ? 0 : stepped
}
const wattsPerWeight = (evse: SnapshotEvse, level: number) => (level * evse.wattsPerLevel) / evse.weight

const tally = { instances: 0, scarce: 0, overloaded: 0, belowFallback: 0, certified: 0 }

describe('every allocation of any site', () => {
  test('keeps each row within its capacity, or takes everything from those on it that can be steered', () => {
    fc.assert(
      fc.property(dealt, (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        const shares = allocate(snapshot)
        tally.instances++
        if ([...shares.values()].some(({ bound }) => 'row' in bound)) tally.scarce++
        if (steered(snapshot).some((evse) => shareOf(shares, evse) < gridFloor(evse, evse.fallback)))
          tally.belowFallback++
        snapshot.rows.forEach(({ capacity, id }, row) => {
          if (rowLoad(snapshot, shares, row) <= capacity) return
          tally.overloaded++
          for (const evse of steered(snapshot).filter((candidate) => rowsOf(candidate).includes(row)))
            expect([id, evse.key, onRow(evse, row, Math.max(0, shareOf(shares, evse) - evse.stuck))]).toEqual(
              [id, evse.key, 0],
            )
        })
      }),
      RUNS,
    )
  })

  test('gives each EVSE nothing or at least its minimum, on its steps and at most its maximum', () => {
    fc.assert(
      fc.property(dealt, (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        const shares = allocate(snapshot)
        for (const evse of steered(snapshot)) {
          const level = shareOf(shares, evse)
          expect(level === 0 || level >= evse.min).toBe(true)
          expect(level % evse.step).toBe(0)
          expect(level).toBeLessThanOrEqual(evse.max)
        }
      }),
      RUNS,
    )
  })

  test('leaves none below its maximum unless one more step would overload the row it names', () => {
    fc.assert(
      fc.property(dealt, (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        const shares = allocate(snapshot)
        for (const evse of steered(snapshot)) {
          const level = shareOf(shares, evse)
          const bound = shares.get(evse.key)?.bound
          if (next(evse, level) > evse.max) {
            expect(bound).toEqual({ kind: 'max' })
            continue
          }
          if (bound?.kind !== 'row' && bound?.kind !== 'waits')
            throw new RangeError(`${evse.key} could rise and names no row`)
          const grown = new Map(shares).set(evse.key, { level: next(evse, level), bound })
          const capacity = snapshot.rows[bound.row]?.capacity ?? Number.NaN
          expect(rowLoad(snapshot, grown, bound.row)).toBeGreaterThan(capacity)
        }
      }),
      RUNS,
    )
  })

  test('is max-min fair above the minimums: on some row, what others have above its next step would not pay for it', () => {
    fc.assert(
      fc.property(dealt, (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        const shares = allocate(snapshot)
        for (const evse of steered(snapshot)) {
          const level = shareOf(shares, evse)
          const bound = shares.get(evse.key)?.bound
          if (bound?.kind !== 'row' && bound?.kind !== 'waits') continue
          const water = wattsPerWeight(evse, next(evse, level)) + 1
          const fair = (other: SnapshotEvse): number =>
            Math.max(
              gridFloor(other, other.fallback),
              smallest(other),
              (water * other.weight) / other.wattsPerLevel,
              other.stuck,
            )
          const bottleneck = rowsOf(evse).some((row) => {
            const surplus = steered(snapshot).reduce((sum, other) => {
              const more = onRow(other, row, shareOf(shares, other)) - onRow(other, row, fair(other))
              return sum + (other === evse ? 0 : Math.max(0, more))
            }, 0)
            const left = (snapshot.rows[row]?.capacity ?? 0) - rowLoad(snapshot, shares, row)
            const step =
              onRow(evse, row, Math.max(next(evse, level), evse.stuck)) -
              onRow(evse, row, Math.max(level, evse.stuck))
            // What the step of another leaves over may be short of one of its own.
            return Math.max(0, left) + surplus < 2 * step + 2
          })
          expect(bottleneck).toBe(true)
          tally.certified++
        }
      }),
      RUNS,
    )
  })

  test('is the same for the same snapshot and for any order of its EVSEs', () => {
    fc.assert(
      fc.property(dealt, fc.nat(50), (numbers, by) => {
        const snapshot = exampleSnapshot(numbers)
        const shares = allocate(snapshot)
        const again = allocate(shuffled(snapshot, by))
        expect(Object.fromEntries(allocate(snapshot))).toEqual(Object.fromEntries(shares))
        expect(Object.fromEntries(again)).toEqual(Object.fromEntries(shares))
      }),
      RUNS,
    )
  })

  test('gives two EVSEs that are alike in everything shares that differ by one step at most, or by what is too little for two minimums', () => {
    fc.assert(
      fc.property(dealt, fc.nat(50), (numbers, at) => {
        const snapshot = exampleSnapshot(numbers)
        const original = snapshot.evses[at % snapshot.evses.length]
        if (original === undefined || !original.steerable) return
        const twin = { ...original, key: `${original.key}-twin` as SnapshotEvse['key'] }
        const shares = allocate({ ...snapshot, evses: [...snapshot.evses, twin] })
        const [one, other] = [shareOf(shares, original), shareOf(shares, twin)]
        const less = Math.min(one, other)
        // Loads are rounded up to whole mA, so that the second of two equal steps may need one less.
        const rounding = original.loads.every((c) => Number.isInteger(c.perLevel)) ? 0 : original.step
        const fair = less === 0 ? 2 * smallest(original) - original.step : next(original, less) + rounding
        expect(Math.max(one, other)).toBeLessThanOrEqual(
          Math.max(fair, gridFloor(original, original.fallback), original.stuck),
        )
      }),
      RUNS,
    )
  })

  test('gives a row with less capacity no more than before, but for less than a step of rounding', () => {
    fc.assert(
      fc.property(dealt, fc.nat(50), fc.nat(60_000), (numbers, at, less) => {
        const snapshot = exampleSnapshot(numbers)
        const row = at % snapshot.rows.length
        const rows = snapshot.rows.map((each, index) =>
          index === row ? { ...each, capacity: each.capacity - less } : each,
        )
        const before = rowLoad(snapshot, allocate(snapshot), row)
        const after = rowLoad(snapshot, allocate({ ...snapshot, rows }), row)
        const largestStep = Math.max(0, ...steered(snapshot).map((evse) => onRow(evse, row, smallest(evse))))
        expect(after).toBeLessThanOrEqual(before + largestStep)
      }),
      RUNS,
    )
  })

  afterAll(() => {
    expect(tally.scarce / tally.instances).toBeGreaterThan(0.7)
    expect(tally.overloaded / tally.instances).toBeGreaterThan(0.05)
    expect(tally.belowFallback / tally.instances).toBeGreaterThan(0.05)
    expect(tally.certified / tally.instances).toBeGreaterThan(1)
  })
})
