import { as, type CircuitId } from '@busbar/model/ids.ts'
import { volts } from '@busbar/units/electricity.ts'
import { describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from './example-site.ts'
import { reachOf, voltageAt, worstOtherLoads } from './feeding.ts'
import type { Circuit, Site } from './site.ts'

const id = (name: string) => as<CircuitId>(name)
const feeds = (...of: readonly (readonly [string, number])[]) =>
  of.map(([circuit, share]) => ({ circuit: id(circuit), share }))
const garage: Circuit = {
  ...exampleCircuit('garage', { parent: 'supply', otherA: 12 }),
  transformer: { group: 'Dyn11', ratio: 480 / 208 },
}

describe('what lies above a circuit', () => {
  const ring = exampleSite(
    [
      exampleCircuit('grid'),
      exampleCircuit('a', { parent: 'grid' }),
      exampleCircuit('b', { parent: 'grid' }),
      { ...exampleCircuit('bus', { parent: 'a' }), feeds: feeds(['a', 0.8], ['b', 0.5]) },
      exampleCircuit('row', { parent: 'bus' }),
    ],
    [],
  )

  test('comes once each, before what feeds it, with its worst and least share', () => {
    expect(reachOf(ring, id('row')).map(({ circuit, share, least }) => [circuit.id, share, least])).toEqual([
      ['row', 1, 1],
      ['bus', 1, 1],
      ['a', 0.8, 0.5],
      ['b', 0.5, expect.closeTo(0.2)],
      ['grid', 1, expect.closeTo(0.7)],
    ])
  })

  test('ends where a circuit feeds itself', () => {
    const loop = exampleSite([exampleCircuit('x', { parent: 'y' }), exampleCircuit('y', { parent: 'x' })], [])
    expect(reachOf(loop, id('x')).map(({ circuit }) => circuit.id)).toEqual(['x', 'y'])
    expect(
      voltageAt({ ...loop, circuits: new Map([...loop.circuits, ['g', garage] as never]) }, id('x')),
    ).toBe(230)
  })
})

describe('a transformer', () => {
  const site: Site = {
    ...exampleSite(
      [
        exampleCircuit('supply'),
        garage,
        exampleCircuit('roof', { parent: 'supply' }),
        exampleCircuit('row', { parent: 'garage' }),
      ],
      [exampleEvse('A', 'row')],
    ),
    nominalV: volts(120),
  }

  test('sets the voltage of what is above it, and of what hangs there', () => {
    expect(['row', 'garage', 'supply', 'roof'].map((name) => Math.round(voltageAt(site, id(name))))).toEqual([
      120, 120, 277, 277,
    ])
  })

  test('passes other loads on as the sum of two windings at worst', () => {
    const supply = site.circuits.get(id('supply'))
    const loads = supply && worstOtherLoads(site, supply)
    expect(loads?.currentA.l1).toBeCloseTo((12 + 12) / ((480 / 208) * Math.sqrt(3)), 6)
  })
})
