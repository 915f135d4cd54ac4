import { monotonic } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BaseLoad, countedBase, nextBase } from './base-load.ts'

interface Sample {
  readonly at: number
  readonly measured: number
  readonly low: number
  readonly high: number
}

/** The base load after these samples: seconds, A, and what the EVSEs may have drawn. */
function after(...samples: readonly Sample[]): BaseLoad | undefined {
  return samples.reduce<BaseLoad | undefined>(
    (base, { at, measured, low, high }) =>
      nextBase(base, { measured, draw: { low, high }, at: monotonic(at * 1000) }),
    undefined,
  )
}
const counted = (...samples: readonly Sample[]): number => {
  const base = after(...samples)
  return base === undefined ? Number.NaN : countedBase(base)
}

describe('the base load of a row', () => {
  const steady = { at: 0, measured: 100, low: 40, high: 40 }

  test.each<[string, readonly Sample[], number]>([
    [
      'is the measured load less what is surely drawn, at first',
      [{ at: 0, measured: 100, low: 40, high: 90 }],
      60,
    ],
    [
      'is unmoved by a raise whose reports lag the meter',
      [steady, { at: 1, measured: 116, low: 40, high: 56 }],
      60,
    ],
    [
      'is unmoved by a drop of draw whose reports lag the meter',
      [steady, { at: 1, measured: 84, low: 24, high: 40 }],
      60,
    ],
    ['rises at once with the building load', [steady, { at: 1, measured: 130, low: 40, high: 40 }], 90],
    [
      'rises by no more than is sure when the draw is unsure',
      [steady, { at: 1, measured: 130, low: 40, high: 60 }],
      70,
    ],
    [
      'does not fall before half a minute',
      [steady, { at: 1, measured: 70, low: 40, high: 40 }, { at: 30, measured: 70, low: 40, high: 40 }],
      60,
    ],
    [
      'falls after half a minute',
      [steady, { at: 1, measured: 70, low: 40, high: 40 }, { at: 31, measured: 70, low: 40, high: 40 }],
      30,
    ],
    [
      'keeps the highest of the half minute, whatever comes between',
      [
        steady,
        { at: 10, measured: 150, low: 40, high: 40 },
        { at: 20, measured: 60, low: 40, high: 40 },
        { at: 35, measured: 60, low: 40, high: 40 },
      ],
      110,
    ],
    ['counts export of other loads as nothing', [{ at: 0, measured: -50, low: 20, high: 20 }], 0],
    [
      'is the whole measured load while every report is stale',
      [{ at: 0, measured: 100, low: 0, high: 80 }],
      100,
    ],
    [
      'stands while stale reports leave it possible',
      [steady, { at: 40, measured: 100, low: 0, high: 80 }],
      60,
    ],
  ])('%s', (_sentence, samples, amps) => {
    expect(counted(...samples)).toBe(amps)
  })

  test('with everything the EVSEs may draw covers whatever the meter reads, after any samples', () => {
    const sample = fc.record({
      step: fc.integer({ min: 1, max: 20 }),
      measured: fc.integer({ min: -50, max: 400 }),
      low: fc.nat(150),
      spread: fc.nat(150),
    })
    let above = 0
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 50, max: 300 }),
        (steps, limit) => {
          let at = 0
          let base: BaseLoad | undefined
          for (const { step, measured, low, spread } of steps) {
            at += step
            const draw = { low, high: low + spread }
            base = nextBase(base, { measured, draw, at: monotonic(at * 1000) })
            expect(base.estimate + draw.high).toBeGreaterThanOrEqual(measured)
            expect(countedBase(base)).toBeGreaterThanOrEqual(base.estimate)
            if (measured <= limit) continue
            above++
            expect(countedBase(base) + draw.high).toBeGreaterThan(limit)
          }
        },
      ),
      { seed: 20261123, numRuns: 1000 },
    )
    expect(above).toBeGreaterThan(1000)
  })

  test('holds a bounded memory of its window', () => {
    let base: BaseLoad | undefined
    for (let n = 0; n < 2000; n++)
      base = nextBase(base, { measured: 100 + (n % 7), draw: { low: 40, high: 40 }, at: monotonic(n * 100) })
    expect(base?.recent.length).toBeLessThanOrEqual(301)
  })
})
