import { as, type EvseKey } from '@busbar/model/ids.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allocate } from '../load-balancing/allocate.ts'
import { check } from '../load-balancing/checker.ts'
import { exampleSnapshot } from '../load-balancing/example-snapshot.ts'
import { plainEvse, plainRow, plainSnapshot } from '../load-balancing/plain-snapshot.ts'
import type { SiteSnapshot } from '../load-balancing/snapshot.ts'
import { traded } from './trades.ts'

const key = (name: string) => as<EvseKey>(name)
const levels = (of: Record<string, number>) =>
  new Map(Object.entries(of).map(([name, a]) => [key(name), 1000 * a]))
const inAmps = (of: ReadonlyMap<EvseKey, number>) =>
  Object.fromEntries([...of].map(([name, level]) => [name, level / 1000]))

describe('trades between set-points', () => {
  test('a set-point above what the vehicle takes gives way to two that are used', () => {
    const snapshot = plainSnapshot([plainRow('r', 32_000)], [plainEvse('a', [0]), plainEvse('b', [0])])
    const takes = levels({ a: 31.2, b: 31.2 })
    const better = inAmps(traded(snapshot, levels({ a: 32, b: 0 }), takes))
    expect((better.a ?? 0) + (better.b ?? 0)).toBe(32)
    expect(better.b).toBeGreaterThanOrEqual(6)
  })

  test('a coarse list makes room for a fine one on the same row', () => {
    const coarse = plainEvse('a', [0], { min: 8000, levels: [8000, 16_000, 24_000, 32_000] })
    const snapshot = plainSnapshot([plainRow('r', 40_000)], [coarse, plainEvse('b', [0])])
    const better = inAmps(traded(snapshot, levels({ a: 32, b: 0 }), new Map()))
    expect((better.a ?? 0) + (better.b ?? 0)).toBe(40)
  })

  test('what is promised is not traded away, however much another gains', () => {
    const snapshot = plainSnapshot(
      [plainRow('r', 32_000)],
      [plainEvse('a', [0], { guarantee: 20_000 }), plainEvse('b', [0], { weight: 9 })],
    )
    expect(inAmps(traded(snapshot, levels({ a: 32, b: 0 }), new Map()))).toEqual({ a: 20, b: 12 })
  })

  test('on any site rows hold as before and the whole is worth no less', () => {
    const worth = ({ evses }: SiteSnapshot, of: ReadonlyMap<EvseKey, number>) =>
      evses.reduce((sum, evse) => sum + evse.weight * evse.wattsPerLevel * (of.get(evse.key) ?? 0), 0)
    let better = 0
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 200 }), (numbers) => {
        const snapshot = exampleSnapshot(numbers)
        const shares = allocate(snapshot)
        const before = new Map([...shares].map(([of, { level }]) => [of, level]))
        const after = traded(snapshot, before, new Map())
        const faults = check(snapshot, new Map([...after].map(([of, level]) => [of, { level }])))
        expect(faults.map(({ text }) => text)).toEqual([])
        expect(worth(snapshot, after)).toBeGreaterThanOrEqual(worth(snapshot, before) - 1e-6)
        if (worth(snapshot, after) > worth(snapshot, before) + 1) better++
      }),
      { seed: 11, numRuns: 150, interruptAfterTimeLimit: 8000 },
    )
    expect(better).toBeGreaterThan(20)
  })
})
