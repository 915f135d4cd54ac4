import { type PerPhase, PHASES, perPhase, sumPhases } from '@busbar/units/per-phase.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { activeWatts, lineToLine, lineToNeutral, magnitude, plus, primaryOf, times } from './phasor.ts'
import type { Transformer } from './site.ts'

const V = 120
const volts = (v: number): PerPhase<number> => perPhase(() => v)
const GROUPS = ['Dyn1', 'Dyn11', 'YNyn0'] as const

describe('a current from line to line', () => {
  test('leaves by one conductor what enters by the other, half of its power on each', () => {
    const lines = lineToLine('l2', 'l3')
    expect(PHASES.map((phase) => magnitude(lines[phase]))).toEqual([0, expect.closeTo(1), expect.closeTo(1)])
    expect(magnitude(plus(lines.l2, lines.l3))).toBeCloseTo(0, 9)
    const { l1, l2, l3 } = activeWatts(lines, { through: [], volts: volts(V) })
    expect([l1, l2, l3]).toEqual([
      0,
      expect.closeTo((V * Math.sqrt(3)) / 2),
      expect.closeTo((V * Math.sqrt(3)) / 2),
    ])
  })
})

describe('a transformer', () => {
  test('passes on all power of any mix of loads, whatever its group', () => {
    const amperes = fc.array(fc.nat(100), { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(
        amperes,
        fc.constantFrom<Transformer['group']>(...GROUPS),
        fc.integer({ min: 1, max: 30 }),
        (a, group, ratio) => {
          const [ab = 0, bc = 0, ca = 0, n1 = 0, n2 = 0, n3 = 0] = a
          const loads = [
            [lineToLine('l1', 'l2'), ab],
            [lineToLine('l2', 'l3'), bc],
            [lineToLine('l3', 'l1'), ca],
            [lineToNeutral(['l1']), n1],
            [lineToNeutral(['l2']), n2],
            [lineToNeutral(['l3']), n3],
          ] as const
          const lines = perPhase((phase) =>
            loads.reduce((sum, [each, amps]) => plus(sum, times(each[phase], amps)), { re: 0, im: 0 }),
          )
          const powerW = V * (Math.sqrt(3) * (ab + bc + ca) + n1 + n2 + n3)
          const above = activeWatts(lines, { through: [{ group, ratio }], volts: volts(V * ratio) })
          expect(sumPhases(above)).toBeCloseTo(powerW, 4)
        },
      ),
      { seed: 20261207, numRuns: 500 },
    )
  })

  test.each(GROUPS)('%s turns a balanced load into a balanced one of its power', (group) => {
    const lines = primaryOf(lineToNeutral(PHASES), { group, ratio: 4 })
    for (const phase of PHASES) expect(magnitude(lines[phase])).toBeCloseTo(1 / 4, 9)
  })

  test('with a delta winding shows a load to neutral on two lines alike', () => {
    const seen = activeWatts(lineToNeutral(['l1']), {
      through: [{ group: 'Dyn11', ratio: 2 }],
      volts: volts(2 * V),
    })
    expect([seen.l1, seen.l2, seen.l3]).toEqual([
      expect.closeTo(V / 2),
      expect.closeTo(V / 2),
      expect.closeTo(0),
    ])
  })
})
