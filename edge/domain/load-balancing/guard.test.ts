import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exampleSnapshot } from './example-snapshot.ts'
import { guard } from './guard.ts'
import { loadAt } from './rows.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'

const numbers = fc.array(fc.nat(10_000), { minLength: 60, maxLength: 200 })

/** Load of a row when each steerable EVSE is at `level`, or stuck above it. */
const loadOf = (
  { evses }: SiteSnapshot,
  row: number,
  level: (evse: SnapshotEvse) => number | undefined,
): number =>
  evses.reduce((sum, evse) => {
    const c = evse.loads.find((load) => load.row === row)
    const at = evse.steerable ? Math.max(level(evse) ?? 0, evse.stuck) : evse.expected
    return sum + (c === undefined ? 0 : loadAt(c, at))
  }, 0)

describe('the guard, standing in for the balancer', () => {
  test('raises nothing, and lowers nothing on rows that fit', () => {
    fc.assert(
      fc.property(numbers, (seeds) => {
        const snapshot = exampleSnapshot(seeds)
        const { transition } = guard(snapshot)
        const full = new Set(
          snapshot.rows.flatMap(({ capacity }, row) =>
            loadOf(snapshot, row, (evse) => evse.current ?? evse.fallback) > capacity ? [row] : [],
          ),
        )
        for (const { key, level, kind } of transition.moves) {
          const evse = snapshot.evses.find((one) => one.key === key)
          expect(kind).toBe('decrease')
          expect(level).toBeLessThan(evse?.current ?? evse?.fallback ?? 0)
          expect(evse?.loads.some(({ row }) => full.has(row))).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('brings every row within its capacity, or leaves nothing on it that can still be lowered', () => {
    let lowered = 0
    fc.assert(
      fc.property(numbers, (seeds) => {
        const snapshot = exampleSnapshot(seeds)
        const { shares, transition } = guard(snapshot)
        lowered += transition.moves.length
        const level = (evse: SnapshotEvse) => shares.get(evse.key)?.level
        snapshot.rows.forEach(({ capacity }, row) => {
          if (loadOf(snapshot, row, level) <= capacity) return
          const on = snapshot.evses.filter((evse) => evse.loads.some((c) => c.row === row))
          expect(on.every((evse) => !evse.steerable || level(evse) === 0)).toBe(true)
        })
      }),
      { numRuns: 300 },
    )
    expect(lowered).toBeGreaterThan(300)
  })
})
