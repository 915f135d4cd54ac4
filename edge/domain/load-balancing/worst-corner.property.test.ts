import { as, type CircuitId, type StationId } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { type Phase, perPhase } from '@busbar/units/per-phase.ts'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../site/example-site.ts'
import type { Circuit, Evse, Site, Transformer } from '../site/site.ts'
import { levelOf } from './rows.ts'
import { coefficients, quantityLoad, wiringOf } from './wiring.ts'

/*
 * Currents worked out with complex numbers, nothing of the rows' arithmetic: supply <- (transformer) garage <- EVSEs.
 */
type C = readonly [number, number]
const add = (a: C, b: C): C => [a[0] + b[0], a[1] + b[1]]
const scale = (a: C, k: number): C => [a[0] * k, a[1] * k]
const polar = (k: number, degrees: number): C => [
  k * Math.cos((degrees * Math.PI) / 180),
  k * Math.sin((degrees * Math.PI) / 180),
]
const size = (a: C): number => Math.hypot(a[0], a[1])
const ANGLE: Record<Phase, number> = { l1: 0, l2: 240, l3: 120 }
const PAIR_ANGLE: Record<string, number> = { l1l2: 30, l2l3: 270, l3l1: 150 }
const NEXT: Record<Phase, Phase> = { l1: 'l2', l2: 'l3', l3: 'l1' }
const LAST: Record<Phase, Phase> = { l1: 'l3', l2: 'l1', l3: 'l2' }
const PHASES = ['l1', 'l2', 'l3'] as const
const LOW_V = 108

interface Plug {
  readonly evse: Evse
  readonly hold: number
}

/** A on each conductor of the garage when each EVSE draws this level. */
function garageLines(plugs: readonly Plug[], levels: readonly number[]): Record<Phase, C> {
  const lines: Record<Phase, C> = { l1: [0, 0], l2: [0, 0], l3: [0, 0] }
  plugs.forEach(({ evse }, index) => {
    const level = levels[index] ?? 0
    if (evse.connection === 'line-line') {
      const current = polar(level / 1000, PAIR_ANGLE[evse.phases.join('')] ?? Number.NaN)
      const [from, to] = evse.phases as readonly [Phase, Phase]
      lines[from] = add(lines[from], current)
      lines[to] = add(lines[to], scale(current, -1))
      return
    }
    const each =
      evse.current === 'dc' ? level / (evse.efficiency * evse.powerFactor * 3 * LOW_V) : level / 1000
    for (const phase of evse.phases) lines[phase] = add(lines[phase], polar(each, ANGLE[phase]))
  })
  return lines
}

function primaryLines(lines: Record<Phase, C>, { group, ratio }: Transformer): Record<Phase, C> {
  const other = group === 'Dyn11' ? LAST : NEXT
  const through = (phase: Phase): C =>
    group === 'YNyn0'
      ? scale(lines[phase], 1 / ratio)
      : scale(add(lines[phase], scale(lines[other[phase]], -1)), 1 / (ratio * Math.sqrt(3)))
  return { l1: through('l1'), l2: through('l2'), l3: through('l3') }
}

function neutral(plugs: readonly Plug[], levels: readonly number[], h3: number): number {
  let sum: C = [0, 0]
  let magnitudes = 0
  plugs.forEach(({ evse }, index) => {
    if (evse.current === 'dc' || evse.connection === 'line-line') return
    for (const phase of evse.phases) {
      sum = add(sum, polar((levels[index] ?? 0) / 1000, ANGLE[phase]))
      magnitudes += (levels[index] ?? 0) / 1000
    }
  })
  return Math.hypot(size(sum), h3 * magnitudes)
}

const kinds: readonly ((id: string) => Evse)[] = [
  ...(
    [
      ['l1', 'l2'],
      ['l2', 'l3'],
      ['l3', 'l1'],
    ] as const
  ).map(
    (phases) =>
      (id: string): Evse => ({
        ...exampleEvse(id, 'garage', { phases, ratingA: 80 }),
        connection: 'line-line',
      }),
  ),
  ...PHASES.map((phase) => (id: string) => exampleEvse(id, 'garage', { phases: [phase], ratingA: 80 })),
  (id) => exampleEvse(id, 'garage', { ratingA: 80 }),
  (id) => exampleEvse(id, 'garage', { dcW: 30_000 }),
]
const plug = fc.record({
  kind: fc.nat(kinds.length - 1),
  hold: fc.nat(1000),
  part: fc.nat(1000),
})
const group = fc.constantFrom<Transformer['group']>('Dyn1', 'Dyn11', 'YNyn0')
const H3 = 0.2

function garageSite(plugs: readonly Plug[], transformer: Transformer): Site {
  const garage: Circuit = {
    ...exampleCircuit('garage', { parent: 'supply' }),
    transformer,
    neutral: { ratingA: amps(100), thirdHarmonic: H3 },
  }
  return exampleSite(
    [exampleCircuit('supply'), garage],
    plugs.map(({ evse }) => evse),
  )
}

const tally = { points: 0, notMonotone: 0 }

describe('what is counted on a conductor', () => {
  test('is never less than any draw within the holds puts on it, at corners and between, and little more than the worst corner', () => {
    fc.assert(
      fc.property(fc.array(plug, { minLength: 1, maxLength: 7 }), group, (dealt, vector) => {
        const plugs = dealt.map(({ kind, hold }, index): Plug => {
          const evse = (kinds[kind] ?? kinds[0])?.(`E${index}`) as Evse
          return { evse, hold: Math.floor((levelOf(evse.rating) * hold) / 1000) }
        })
        const transformer = { group: vector, ratio: 480 / 208 }
        const wiring = wiringOf(garageSite(plugs, transformer))
        const voltage = { highV: 132, lowV: LOW_V }
        const draws = plugs.map(({ evse, hold }) => ({
          loads: coefficients(wiring, { evse, active: evse.phases, voltage }),
          level: hold,
        }))
        const counted = (row: string) =>
          quantityLoad(
            wiring,
            wiring.rows.findIndex(({ id }) => id === row),
            draws,
          ) / 1000
        const read = (levels: readonly number[]) => {
          const garage = garageLines(plugs, levels)
          const supply = primaryLines(garage, transformer)
          return new Map<string, number>([
            ...PHASES.map((phase): [string, number] => [`garage/${phase}`, size(garage[phase])]),
            ...PHASES.map((phase): [string, number] => [`supply/${phase}`, size(supply[phase])]),
            ['garage/neutral', neutral(plugs, levels, H3)],
          ])
        }
        const corners = Array.from({ length: 2 ** plugs.length }, (_, bits) =>
          plugs.map(({ hold }, index) => ((bits >> index) & 1 ? hold : 0)),
        )
        const between = plugs.map(({ hold }, index) => (hold * (dealt[index]?.part ?? 0)) / 1000)
        const worst = new Map<string, number>()
        for (const levels of [...corners, between])
          for (const [row, amperes] of read(levels)) {
            expect([row, amperes <= counted(row) + 1e-6]).toEqual([row, true])
            worst.set(row, Math.max(worst.get(row) ?? 0, amperes))
            tally.points++
          }
        const full = read(plugs.map(({ hold }) => hold))
        for (const [row, amperes] of worst) {
          if (amperes > (full.get(row) ?? 0) + 0.01) tally.notMonotone++
          const wasteful = row === 'garage/neutral' ? 1.0443 : 1.0087
          expect([row, counted(row) <= amperes * wasteful + 0.001 * (plugs.length + 1)]).toEqual([row, true])
        }
      }),
      { seed: 20261202, numRuns: 200, interruptAfterTimeLimit: 20_000 },
    )
  })

  test('of power modules is never less than the whole modules that any draw within the holds needs', () => {
    const outlets = fc.array(fc.record({ hold: fc.nat(150_000), draw: fc.nat(150_000) }), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(outlets, fc.constantFrom(5000, 20_000, 30_000, 33_300), (dealt, each) => {
        const evses = dealt.map((_, index) => exampleEvse('C', 'grid', { evse: index + 1, dcW: 150_000 }))
        const site: Site = {
          ...exampleSite([exampleCircuit('grid')], evses),
          cabinets: [
            {
              station: as<StationId>('C'),
              circuit: as<CircuitId>('grid'),
              inputA: perPhase(() => amps(900)),
              inputW: null,
              idleW: watts(0),
              modules: { count: 9, powerW: watts(each) },
            },
          ],
        }
        const wiring = wiringOf(site)
        const draws = evses.map((evse, index) => ({
          loads: coefficients(wiring, { evse, active: evse.phases, voltage: { highV: 242, lowV: 218 } }),
          level: dealt[index]?.hold ?? 0,
        }))
        const row = wiring.rows.findIndex(({ kind }) => kind === 'modules')
        const counted = quantityLoad(wiring, row, draws) / each
        const modules = (of: (one: { hold: number; draw: number }) => number) =>
          dealt.reduce((sum, one) => sum + Math.ceil(of(one) / each), 0)
        expect(Math.round(counted * 1e6) / 1e6).toBe(modules(({ hold }) => hold))
        expect(modules(({ hold, draw }) => Math.min(hold, draw))).toBeLessThanOrEqual(counted + 1e-6)
      }),
      { seed: 20261203, numRuns: 1000 },
    )
  })

  afterAll(() => {
    expect(tally.points).toBeGreaterThan(20_000)
    expect(tally.notMonotone).toBeGreaterThan(50)
  })
})
