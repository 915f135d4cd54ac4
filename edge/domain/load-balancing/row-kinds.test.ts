import { as, type CircuitId, type StationId } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { type Phase, perPhase } from '@busbar/units/per-phase.ts'
import { describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../site/example-site.ts'
import type { AgreedLimit, Cabinet, Circuit, Evse, Site } from '../site/site.ts'
import { expectedAt, loadAt } from './rows.ts'
import { coefficients, quantityLoad, wiringOf } from './wiring.ts'

const voltage = { highV: 132, lowV: 108 }
const pair = (id: string, circuit: string, phases: readonly [Phase, Phase]): Evse => ({
  ...exampleEvse(id, circuit, { phases }),
  connection: 'line-line',
})
const AB = ['l1', 'l2'] as const
const BC = ['l2', 'l3'] as const
const CA = ['l3', 'l1'] as const

/** What the quantity reads at most, A, when each EVSE draws its level (mA or W). */
function reads(
  site: Site,
  row: string,
  levels: readonly number[],
  agreed: readonly AgreedLimit[] = [],
): number {
  const wiring = wiringOf(site, agreed)
  const first = wiring.rows.findIndex(({ id }) => id === row)
  const draws = [...site.evses.values()].map((evse, index) => ({
    loads: coefficients(wiring, { evse, active: evse.phases, voltage }),
    level: levels[index] ?? 0,
  }))
  // Exactly these draws, so that what one takes off another counts.
  const sides = wiring.sidesOf.get(first) ?? []
  const sums = sides.map((side) =>
    draws.reduce((sum, { loads, level }) => {
      const c = loads.find((each) => each.row === side)
      return c === undefined ? sum : sum + expectedAt(c, level)
    }, 0),
  )
  return Math.max(...sums) / 1000
}
/** The most it reads when each EVSE draws anything up to its level. */
function worst(site: Site, row: string, levels: readonly number[]): number {
  const wiring = wiringOf(site)
  const draws = [...site.evses.values()].map((evse, index) => ({
    loads: coefficients(wiring, { evse, active: evse.phases, voltage }),
    level: levels[index] ?? 0,
  }))
  return (
    quantityLoad(
      wiring,
      wiring.rows.findIndex(({ id }) => id === row),
      draws,
    ) / 1000
  )
}

const board = exampleCircuit('board', { ratingA: 400 })
const pairs = exampleSite([board], [pair('P', 'board', AB), pair('Q', 'board', BC), pair('R', 'board', CA)])

describe('EVSEs from line to line load a conductor', () => {
  test.each([
    ['alone', [50, 0, 0], 50],
    ['of which one is elsewhere', [0, 80, 0], 0],
    ['alike, by the root of three', [40, 0, 40], 40 * Math.sqrt(3)],
    ['unlike', [50, 0, 20], Math.sqrt(50 ** 2 + 20 ** 2 + 50 * 20)],
    ['unlike, the other way', [7, 90, 31], Math.sqrt(7 ** 2 + 31 ** 2 + 7 * 31)],
  ] as const)('%s', (_how, [ab, bc, ca], exact) => {
    const read = reads(pairs, 'board/l1', [ab * 1000, bc * 1000, ca * 1000])
    expect(read).toBeGreaterThanOrEqual(exact - 1e-9)
    expect(read).toBeLessThanOrEqual(exact * 1.0087 + 0.003)
  })

  test('and take power at the voltage between lines', () => {
    const site = exampleSite(
      [exampleCircuit('board', { ratingA: 400, limitW: 100_000 })],
      [pair('P', 'board', AB)],
    )
    expect(reads(site, 'board/power', [32_000])).toBeCloseTo(32 * 132 * Math.sqrt(3) * 0.001, 2)
  })
})

describe('the primary of a delta winding', () => {
  /** 480 V to 208 V: a winding of four turns for one. */
  const garage: Circuit = {
    ...exampleCircuit('garage', { parent: 'supply', ratingA: 400 }),
    transformer: { group: 'Dyn11', ratio: 480 / (120 * Math.sqrt(3)) },
  }
  const site = exampleSite(
    [exampleCircuit('supply', { ratingA: 180 }), garage],
    [pair('P', 'garage', AB), pair('Q', 'garage', BC), pair('R', 'garage', CA)],
  )

  test('carries 21.65 A for 50, 100 and 0 A between lines, and 25 A once the 50 A stop', () => {
    expect(reads(site, 'supply/l1', [50_000, 100_000, 0])).toBeCloseTo(21.65, 1)
    expect(reads(site, 'supply/l1', [0, 100_000, 0])).toBeCloseTo(25, 2)
  })

  test('is counted at its worst: whoever draws, vehicles may stop', () => {
    expect(worst(site, 'supply/l1', [50_000, 100_000, 0])).toBeGreaterThanOrEqual(25)
    expect(worst(site, 'supply/l1', [50_000, 100_000, 0])).toBeLessThan(25 * 1.0087 + 0.01)
  })

  test('carries what a balanced load of the same power is at its voltage', () => {
    const balanced = exampleSite([exampleCircuit('supply'), garage], [exampleEvse('T', 'garage')])
    expect(reads(balanced, 'supply/l2', [40_000])).toBeCloseTo((40 * 208) / 480, 0)
    const dc = exampleSite([exampleCircuit('supply'), garage], [exampleEvse('D', 'garage', { dcW: 50_000 })])
    const low = 50_000 / (0.94 * 0.98 * 3 * 108)
    expect(reads(dc, 'supply/l3', [50_000])).toBeCloseTo((low * 120 * Math.sqrt(3)) / 480, 1)
    expect(wiringOf(dc).sidesOf.get(0)).toHaveLength(1)
  })

  test('sees one phase to neutral on two of its lines', () => {
    const single = exampleSite(
      [exampleCircuit('supply'), garage],
      [exampleEvse('S', 'garage', { phases: ['l1'] })],
    )
    expect(['l1', 'l2', 'l3'].map((phase) => reads(single, `supply/${phase}`, [40_000]).toFixed(1))).toEqual([
      '10.0',
      '10.0',
      '0.0',
    ])
  })
})

describe('a neutral', () => {
  const withNeutral = (thirdHarmonic: number): Site =>
    exampleSite(
      [{ ...exampleCircuit('board', { ratingA: 400 }), neutral: { ratingA: amps(200), thirdHarmonic } }],
      (['l1', 'l2', 'l3'] as const).map((phase) => exampleEvse(phase, 'board', { phases: [phase] })),
    )

  test.each([
    [0, [100, 100, 100]],
    [0, [100, 0, 0]],
    [0, [100, 60, 20]],
    [0.2, [100, 100, 100]],
    [0.2, [100, 100, 0]],
    [0.2, [30, 90, 10]],
    [0.4, [50, 70, 90]],
  ] as const)(
    'with a third harmonic of %d carries the sum of %j A, and never less than is counted',
    (h3, [a, b, c]) => {
      const fundamental = Math.sqrt(a * a + b * b + c * c - a * b - b * c - c * a)
      const exact = Math.hypot(fundamental, h3 * (a + b + c))
      const read = reads(withNeutral(h3), 'board/neutral', [a * 1000, b * 1000, c * 1000])
      expect(read).toBeGreaterThanOrEqual(exact - 0.001)
      expect(read).toBeLessThanOrEqual(exact * (h3 === 0 ? 1.0087 : 1.0442) + 0.01)
    },
  )

  test('carries nothing of loads between lines or on all three, nor of DC stations', () => {
    const site: Site = exampleSite(
      [{ ...exampleCircuit('board'), neutral: { ratingA: amps(50), thirdHarmonic: 0.2 } }],
      [pair('P', 'board', AB), exampleEvse('D', 'board', { dcW: 50_000 })],
    )
    expect(reads(site, 'board/neutral', [32_000, 50_000])).toBeLessThanOrEqual(0)
  })

  test('at its worst mix, two conductors full and one empty, is 8 % above one of them at h3 = 0.2', () => {
    expect(reads(withNeutral(0.2), 'board/neutral', [100_000, 100_000, 0]) / 100).toBeCloseTo(1.08, 1)
  })
})

test('an unbalance is each conductor less each other, agreed and not protected', () => {
  const site = exampleSite(
    [{ ...exampleCircuit('grid'), unbalanceA: amps(20) }],
    [exampleEvse('A', 'grid', { phases: ['l1'] }), exampleEvse('T', 'grid')],
  )
  expect(reads(site, 'grid/l1-l2', [16_000, 10_000])).toBe(16)
  expect(reads(site, 'grid/l2-l1', [16_000, 10_000])).toBe(-16)
  const rows = wiringOf(site).rows.filter(({ kind }) => kind === 'unbalance')
  expect(rows.map(({ duty, limit }) => `${duty} ${limit}`)).toEqual(Array(6).fill('contract 20000'))
})

describe('a circuit that is fed twice', () => {
  const bus: Circuit = {
    ...exampleCircuit('bus', { parent: 'a' }),
    feeds: [
      { circuit: as<CircuitId>('a'), share: 0.7 },
      { circuit: as<CircuitId>('b'), share: 0.6 },
    ],
  }
  const site = exampleSite(
    [
      exampleCircuit('grid'),
      exampleCircuit('a', { parent: 'grid' }),
      exampleCircuit('b', { parent: 'grid' }),
      bus,
    ],
    [exampleEvse('A', 'bus')],
  )

  test('loads each feed at its worst share and what feeds both no more than once', () => {
    expect(['bus', 'a', 'b', 'grid'].map((id) => reads(site, `${id}/l2`, [30_000]))).toEqual([30, 21, 18, 30])
  })
})

describe('a cabinet', () => {
  const cabinet: Cabinet = {
    station: as<StationId>('C'),
    circuit: as<CircuitId>('grid'),
    inputA: perPhase(() => amps(250)),
    inputW: watts(160_000),
    idleW: watts(400),
    modules: { count: 5, powerW: watts(30_000) },
  }
  const site: Site = {
    ...exampleSite(
      [exampleCircuit('grid', { ratingA: 900 })],
      [1, 2].map((evse) => exampleEvse('C', 'grid', { evse, dcW: 150_000 })),
    ),
    cabinets: [cabinet],
  }

  test('limits what its outlets take together, and deals modules whole', () => {
    expect(reads(site, 'C/input', [47_000, 47_000])).toBeCloseTo(94 / 0.94, 2)
    const each = 47_000 / (0.94 * 0.98 * 3 * 108)
    expect(reads(site, 'C/input-l2', [47_000, 47_000])).toBeCloseTo(each * 2, 1)
    expect(reads(site, 'C/modules', [31_000, 31_000])).toBe(120)
    expect(wiringOf(site).rows.find(({ kind }) => kind === 'modules')?.limit).toBe(150_000)
  })

  test('lies on the way of its own outlets alone', () => {
    const other = exampleEvse('D', 'grid', { dcW: 150_000 })
    const wider: Site = { ...site, evses: new Map([...site.evses, [other.key, other]]) }
    expect(reads(wider, 'C/input', [0, 0, 100_000])).toBe(0)
  })
})

describe('agreed limits', () => {
  const limit = (of: Partial<AgreedLimit>): AgreedLimit => ({
    circuit: as<CircuitId>('grid'),
    origin: 'contract',
    direction: 'import',
    limit: { limit_w: watts(90_000) },
    ...of,
  })
  const site = exampleSite([exampleCircuit('grid', { limitW: 100_000 })], [exampleEvse('A', 'grid')])

  test('of several authorities the least counts, and its author is known', () => {
    const agreed = [
      limit({}),
      limit({ origin: 'grid-operator', limit: { limit_w: watts(60_000) } }),
      limit({ origin: 'operator', limit: { limit_w: watts(70_000) } }),
      limit({ origin: 'operator', limit: { limit_a: amps(80) } }),
    ]
    const rows = wiringOf(site, agreed).rows.filter(({ duty }) => duty === 'contract')
    expect(rows.map(({ id, limit, origin }) => `${id} ${limit} ${origin}`)).toEqual([
      'grid/agreed-l1 80000 operator',
      'grid/agreed-l2 80000 operator',
      'grid/agreed-l3 80000 operator',
      'grid/agreed 60000 grid-operator',
    ])
  })

  test('never move a rating, not even upwards', () => {
    const ratings = (agreed: readonly AgreedLimit[]) =>
      wiringOf(site, agreed).rows.filter(({ duty }) => duty === 'protect')
    expect(ratings([limit({ limit: { limit_w: watts(900_000) } })])).toEqual(ratings([]))
  })

  test('of 0 mean nothing, not no limit', () => {
    const [row] = wiringOf(site, [limit({ limit: { limit_w: watts(0) } })]).rows.filter(
      ({ duty }) => duty === 'contract',
    )
    expect(row?.limit).toBe(0)
  })

  test('of export are relieved by charging, by no more than it surely takes', () => {
    const agreed = [limit({ direction: 'export', limit: { limit_w: watts(10_000) } })]
    expect(reads(site, 'grid/export', [10_000], agreed)).toBeCloseTo(-(10 * 3 * 108) / 1000, 3)
  })
})

test('DC stations whose efficiency is 5 % less than told stay within what is counted for them', () => {
  const told: Evse = { ...exampleEvse('D', 'board', { dcW: 150_000 }), efficiencyError: 0.05 }
  const site = exampleSite([exampleCircuit('board', { ratingA: 900, limitW: 300_000 })], [told])
  const wiring = wiringOf(site)
  const loads = coefficients(wiring, { evse: told, active: told.phases, voltage })
  for (const efficiency of [0.94, 0.92, 0.94 * 0.95])
    for (const outputW of [5000, 60_000, 150_000]) {
      const real = { 'board/power': outputW / efficiency }
      const current = (outputW * 1000) / (efficiency * 0.98 * 3 * 108)
      for (const c of loads) {
        const row = wiring.rows[c.row]
        expect(loadAt(c, outputW)).toBeGreaterThanOrEqual(
          row?.kind === 'power' ? real['board/power'] : current,
        )
      }
    }
})
