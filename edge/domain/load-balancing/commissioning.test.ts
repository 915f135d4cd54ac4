import { amps, watts } from '@busbar/units/electricity.ts'
import { describe, expect, test } from 'vitest'
import { checkSite } from '../site/check-site.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../site/example-site.ts'
import type { Site } from '../site/site.ts'
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
