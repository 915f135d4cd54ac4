import { as, type CircuitId, type EvseKey } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import type { Phase } from '@busbar/units/per-phase.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../site/example-site.ts'
import type { Evse } from '../site/site.ts'
import { expectedAt, levelOf, levelWithin, loadAt } from './rows.ts'
import { coefficients, siteRows, wiringOf } from './wiring.ts'

const voltage = { highV: 242, lowV: 220 }
const circuits = [
  exampleCircuit('grid', { ratingA: 200, limitW: 100_000 }),
  exampleCircuit('f1', { parent: 'grid' }),
  exampleCircuit('f2', { parent: 'grid' }),
]
/** What an EVSE on f1 at `level` loads, by row. */
function loads(evse: Evse, level: number, active: readonly Phase[] = evse.phases): Record<string, number> {
  const wiring = wiringOf(exampleSite(circuits, [evse]))
  const found = coefficients(wiring, { evse, active, voltage })
  return Object.fromEntries(found.map((c) => [wiring.rows[c.row]?.id ?? '', loadAt(c, level)]))
}

describe('the rows of a site', () => {
  test('are three conductors a circuit, and its power where that is limited, in whole mA and W', () => {
    const rows = siteRows(
      exampleSite(
        [
          {
            ...exampleCircuit('c', { limitW: 50_000.9 }),
            derate: 0.8,
            marginA: amps(0.55),
            marginW: watts(100),
          },
        ],
        [],
      ),
    )
    expect(rows.map(({ id, limit }) => [id, limit])).toEqual([
      ['c/l1', 79_450],
      ['c/l2', 79_450],
      ['c/l3', 79_450],
      ['c/power', 49_900],
    ])
    expect(rows.every(({ circuit }) => circuit === as<CircuitId>('c'))).toBe(true)
  })
})

describe('the load of an EVSE', () => {
  test('on three phases is its current on each conductor above it and its power at high voltage', () => {
    expect(loads(exampleEvse('A', 'f1'), 16_000)).toEqual({
      'grid/l1': 16_000,
      'grid/l2': 16_000,
      'grid/l3': 16_000,
      'grid/power': 11_616,
      'f1/l1': 16_000,
      'f1/l2': 16_000,
      'f1/l3': 16_000,
    })
  })

  test('whose vehicle uses one conductor is on that one alone', () => {
    expect(loads(exampleEvse('A', 'f1', { phases: ['l2', 'l3', 'l1'] }), 16_000, ['l3'])).toEqual({
      'grid/l3': 16_000,
      'grid/power': 3872,
      'f1/l3': 16_000,
    })
  })

  test('for DC grows as the voltage falls, with its losses', () => {
    const ampsEach = Math.ceil((50_000 * 1000) / (0.94 * 0.98 * 3 * 220))
    expect(loads(exampleEvse('D', 'f1', { dcW: 150_000 }), 50_000)).toEqual({
      'grid/l1': ampsEach,
      'grid/l2': ampsEach,
      'grid/l3': ampsEach,
      'grid/power': Math.ceil(50_000 / 0.94),
      'f1/l1': ampsEach,
      'f1/l2': ampsEach,
      'f1/l3': ampsEach,
    })
    // The guide's figure: 150 kW at 400 V line to line, 0.94 and 0.98, is 235 A a phase.
    const [c] = coefficients(wiringOf(exampleSite(circuits, [exampleEvse('D', 'f1', { dcW: 150_000 })])), {
      evse: exampleEvse('D', 'f1', { dcW: 150_000 }),
      active: ['l1', 'l2', 'l3'],
      voltage: { highV: 231, lowV: 400 / Math.sqrt(3) },
    })
    expect(c === undefined ? 0 : loadAt(c, 150_000) / 1000).toBeCloseTo(235, 0)
  })

  test('is rounded up, its level down', () => {
    expect(loadAt({ row: 0, perLevel: 0.726 }, 1000)).toBe(726)
    expect(loadAt({ row: 0, perLevel: 0.726 }, 1001)).toBe(727)
    expect(levelOf({ limit_a: amps(16.1) })).toBe(16_100)
    expect(levelOf({ limit_w: watts(999.9) })).toBe(999)
  })

  test('of an EVSE that is not on the site is none', () => {
    const wiring = wiringOf(exampleSite(circuits, []))
    const stranger = { ...exampleEvse('A', 'f1'), key: as<EvseKey>('X/1') }
    expect(coefficients(wiring, { evse: stranger, active: ['l1'], voltage })).toEqual([])
  })
})

describe('a row whose load an EVSE may also relieve', () => {
  const box = fc.array(
    fc.record({
      perLevel: fc.integer({ min: -2000, max: 2000 }).map((n) => n / 1000),
      hold: fc.nat(80_000),
      part: fc.nat(1000).map((n) => n / 1000),
    }),
    { minLength: 1, maxLength: 12 },
  )

  test('counts the worst that EVSEs can do, at any corner and at any point between', () => {
    fc.assert(
      fc.property(box, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (evses, corner) => {
        const counted = evses.reduce((sum, { perLevel, hold }) => sum + loadAt({ row: 0, perLevel }, hold), 0)
        const at = (level: (index: number, hold: number, part: number) => number) =>
          evses.reduce((sum, { perLevel, hold, part }, i) => sum + perLevel * level(i, hold, part), 0)
        expect(at((_, hold, part) => hold * part)).toBeLessThanOrEqual(counted + 0.001)
        expect(at((i, hold) => (corner[i] === true ? hold : 0))).toBeLessThanOrEqual(counted + 0.001)
        const worst = at((i, hold) => ((evses[i]?.perLevel ?? 0) > 0 ? hold : 0))
        expect(counted - worst).toBeLessThanOrEqual(evses.length)
      }),
      { seed: 20261201, numRuns: 2000 },
    )
  })

  test('is expected to carry less when a relieving EVSE draws, yet never counts on it', () => {
    expect([
      expectedAt({ row: 0, perLevel: -0.5 }, 10_001),
      loadAt({ row: 0, perLevel: -0.5 }, 10_001),
    ]).toEqual([-5000, 0])
    expect(levelWithin({ row: 0, perLevel: -0.5 }, -1)).toBe(Number.POSITIVE_INFINITY)
  })

  test('that deals in lumps counts a level up to the next lump', () => {
    const modules = { row: 0, perLevel: 1, grid: 30_000 }
    expect([0, 1, 30_000, 30_001].map((level) => loadAt(modules, level))).toEqual([0, 30_000, 30_000, 60_000])
    expect([29_999, 30_000, 89_999].map((room) => levelWithin(modules, room))).toEqual([0, 30_000, 60_000])
  })
})
