import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { type Phase, perPhase } from '@busbar/units/per-phase.ts'
import { describe, expect, test } from 'vitest'
import { checkSite } from '../site/check-site.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../site/example-site.ts'
import type { Circuit, Evse, Site } from '../site/site.ts'
import { fallbackFaults } from './commissioning.ts'

const grid = exampleCircuit('grid', { ratingA: 100, otherA: 40, meter: 'm' })
const feeder = exampleCircuit('feeder', { parent: 'grid', ratingA: 32 })
const three = ['A', 'B', 'C'].map((id) => exampleEvse(id, 'feeder', { fallbackA: 10 }))
const found = (site: Site) =>
  [...checkSite(site), ...fallbackFaults(site)].map(({ subject, reason }) => `${subject}: ${reason}`)

describe('a site', () => {
  test('whose fallbacks fit beside the worst other loads may be run', () => {
    expect(found(exampleSite([grid, feeder], three))).toEqual([])
  })

  test.each<[string, Site, readonly string[]]>([
    [
      'F44 is refused when the fallbacks of one feeder do not fit, naming circuit and phase',
      exampleSite([grid, feeder], [...three, exampleEvse('D', 'feeder', { fallbackA: 6, phases: ['l2'] })]),
      ['circuit feeder: phase L2: fallbacks and other loads add up to 36.0 A, above its 32.0 A'],
    ],
    [
      'F44 is refused when they do not fit beside the worst other loads',
      exampleSite([{ ...grid, otherLoadsA: { ...grid.otherLoadsA, l3: amps(71) } }, feeder], three),
      ['circuit grid: phase L3: fallbacks and other loads add up to 101.0 A, above its 100.0 A'],
    ],
    [
      'F44 counts what a circuit below may draw where no meter sees it',
      exampleSite(
        [{ ...grid, meter: null }, feeder, exampleCircuit('workshop', { parent: 'grid', otherA: 31 })],
        three,
      ),
      ['l1', 'l2', 'l3'].map(
        (phase) =>
          `circuit grid: phase ${phase.toUpperCase()}: fallbacks and other loads add up to 101.0 A, above its 100.0 A`,
      ),
    ],
    [
      'F44 is refused after derating and margin',
      exampleSite(
        [grid, { ...feeder, derate: 0.8, marginA: amps(1) }],
        [exampleEvse('A', 'feeder', { fallbackA: 25, phases: ['l1'] })],
      ),
      ['circuit feeder: phase L1: fallbacks and other loads add up to 25.0 A, above its 24.6 A'],
    ],
    [
      'F44 is refused when the power of the fallbacks at high voltage is above a limit in kW',
      exampleSite([{ ...grid, limitW: watts(20_000) }, feeder], three),
      ['circuit grid: fallbacks and other loads add up to 22.8 kW, above its 20.0 kW'],
    ],
    [
      'F44 is refused when DC fallbacks at low voltage do not fit',
      exampleSite([grid, feeder], [exampleEvse('D', 'feeder', { dcW: 60_000, fallbackW: 20_000 })]),
      ['l1', 'l2', 'l3'].map(
        (phase) =>
          `circuit feeder: phase ${phase.toUpperCase()}: fallbacks and other loads add up to 35.0 A, above its 32.0 A`,
      ),
    ],
  ])('%s', (_sentence, site, faults) => {
    expect(found(site)).toEqual(faults)
  })
})

describe('the gate counts', () => {
  const pair = (id: string, phases: readonly [Phase, Phase]): Evse => ({
    ...exampleEvse(id, 'garage', { phases, fallbackA: 10 }),
    connection: 'line-line',
  })
  const garage: Circuit = {
    ...exampleCircuit('garage', { parent: 'supply' }),
    transformer: { group: 'Dyn11', ratio: 480 / 208 },
  }
  const low = (circuits: readonly Circuit[], evses: readonly Evse[]): Site => ({
    ...exampleSite(circuits, evses),
    nominalV: volts(120),
  })
  const AB = ['A', 'B'].map((id) => pair(id, ['l1', 'l2']))
  const BC = ['C', 'D'].map((id) => pair(id, ['l2', 'l3']))

  test.each<[string, Site, readonly string[]]>([
    [
      'phasors, not sums: 20 A each between two pairs of lines are 34.6 A on their common one',
      low([exampleCircuit('supply'), { ...garage, ratingA: perPhase(() => amps(35)) }], [...AB, ...BC]),
      [],
    ],
    [
      'F44 phasors all the same',
      low([exampleCircuit('supply'), { ...garage, ratingA: perPhase(() => amps(34)) }], [...AB, ...BC]),
      ['circuit garage: phase L2: fallbacks and other loads add up to 34.6 A, above its 34.0 A'],
    ],
    [
      'F44 the worst corner of a delta primary: L1 is worst while only one pair of lines draws',
      low(
        [{ ...exampleCircuit('supply'), ratingA: { l1: amps(5), l2: amps(50), l3: amps(50) } }, garage],
        [...AB, ...BC, ...['E', 'F'].map((id) => pair(id, ['l2', 'l3']))],
      ),
      ['circuit supply: phase L1: fallbacks and other loads add up to 10.0 A, above its 5.0 A'],
    ],
    [
      'F44 the neutral with its third harmonics',
      exampleSite(
        [{ ...exampleCircuit('grid', { otherA: 10 }), neutral: { ratingA: amps(26), thirdHarmonic: 0.3 } }],
        (['l1', 'l2', 'l3'] as const).map((phase) =>
          exampleEvse(phase, 'grid', { phases: [phase], fallbackA: 16 }),
        ),
      ),
      ['circuit grid: neutral: fallbacks and other loads add up to 32.2 A, above its 26.0 A'],
    ],
    [
      'F44 the unbalance of the fallbacks',
      exampleSite(
        [{ ...grid, unbalanceA: amps(20) }],
        ['A', 'B', 'C'].map((id) => exampleEvse(id, 'grid', { phases: ['l3'], fallbackA: 8 })),
      ),
      ['L3 against L1', 'L3 against L2'].map(
        (part) => `circuit grid: ${part}: fallbacks add up to 24.0 A, above its 20.0 A`,
      ),
    ],
    [
      'F44 the bus behind a breaker, where a source feeds in',
      exampleSite(
        [
          { ...grid, busA: perPhase(() => amps(60)) },
          {
            ...exampleCircuit('roof', { parent: 'grid' }),
            source: { kind: 'pv', ratingW: watts(30_000), firmAbovePct: null },
          },
        ],
        ['A', 'B', 'C'].map((id) => exampleEvse(id, 'grid', { fallbackA: 8 })),
      ),
      ['L1', 'L2', 'L3'].map(
        (phase) =>
          `circuit grid: bus phase ${phase}: fallbacks and other loads add up to 64.0 A, above its 60.0 A`,
      ),
    ],
  ])('%s', (_sentence, site, faults) => {
    expect(found(site)).toEqual(faults)
  })
})
