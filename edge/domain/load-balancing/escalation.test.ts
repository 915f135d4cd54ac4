import { type Monotonic, seconds } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escalate, noOverload, type Overload, offendersOnly, reached, resumed, STEPS } from './escalation.ts'

const LIMIT = 100
/** The row at these multiples of its limit, one reading a second. */
function read(multiples: readonly number[], from: Overload = noOverload, everyS = 1): Overload {
  const start = (from.last?.at ?? 0) as number
  return multiples.reduce(
    (state, m, index) =>
      escalate(state, {
        at: (start + seconds(everyS) * (index + 1)) as Monotonic,
        load: m * LIMIT,
        limit: LIMIT,
      }),
    from,
  )
}
const held = (m: number, s: number): number[] => Array.from({ length: s }, () => m)
const stepOf = ({ ladder }: Overload) => ladder?.step ?? null

describe('the ladder', () => {
  test.each<[string, readonly number[], string | null]>([
    ['does not begin without load', held(0, 30), null],
    ['does not begin at the limit', held(1, 600), null],
    ['does not begin at one reading above it, however high', [0.9, 2], null],
    ['does not begin while the cut may still show', held(1.05, 10), null],
    ['begins with all at their minimum once it should have shown', held(1.05, 11), 'minimum'],
    [
      'does not begin when the overload was short',
      [...held(1.1, 9), ...held(0.99, 5), ...held(1.1, 9)],
      null,
    ],
    ['begins at remote stop when the overload is severe', [1.31, 1.31], 'stop'],
    ['goes to 0 A ten seconds later', held(1.05, 21), 'zero'],
    ['then to remote stop', held(1.05, 31), 'stop'],
    ['then out of service', held(1.05, 46), 'inoperative'],
    ['then to the trip', held(1.05, 56), 'trip'],
    ['goes faster where the breaker may trip first', held(1.25, 34), 'trip'],
    [
      'waits where it is while the row is within its limit',
      [...held(1.05, 11), ...held(0.95, 900)],
      'minimum',
    ],
    ['is left after ten calm minutes', [...held(1.05, 11), ...held(0.9, 601)], null],
    ['is not left sooner', [...held(1.05, 11), ...held(0.9, 600)], 'minimum'],
    [
      'is not left when the calm was broken',
      [...held(1.05, 11), ...held(0.9, 500), 0.91, ...held(0.9, 500)],
      'minimum',
    ],
    ['jumps to remote stop when it becomes severe', [...held(1.05, 11), 1.4], 'stop'],
  ])('%s', (_sentence, multiples, step) => {
    expect(stepOf(read(multiples))).toBe(step)
  })

  test('a repeated reading is no second one', () => {
    const once = escalate(noOverload, { at: 1000 as Monotonic, load: 200, limit: 100 })
    expect(escalate(once, { at: 1000 as Monotonic, load: 200, limit: 100 })).toBe(once)
  })

  test('short overloads add up until the row has had time to cool', () => {
    const spell = [...held(1.25, 8), 0.95]
    expect(stepOf(read([...spell, ...spell, ...held(1.25, 4)]))).toBe('minimum')
    expect(stepOf(read([...spell, ...held(0.5, 10), ...held(1.25, 8)]))).toBe(null)
  })

  test('silence of the meter moves it nowhere', () => {
    const on = read(held(1.05, 11))
    expect(stepOf(read([1.0], on, 3600))).toBe('minimum')
  })

  test('offenders are stopped first, all who draw five seconds later', () => {
    const at = (s: number) => read(held(1.05, s)).ladder
    expect([31, 35, 37].map((s) => offendersOnly(at(s) ?? ({ clock: seconds(0) } as never), 'stop'))).toEqual(
      [true, true, false],
    )
  })

  test('goes on where an earlier run left it', () => {
    const state = resumed('stop')
    expect(reached(state.ladder, 'zero')).toBe(true)
    expect(reached(state.ladder, 'inoperative')).toBe(false)
    expect(stepOf(read(held(1.05, 16), state))).toBe('inoperative')
  })

  test('never goes back but by leaving, and never ends later than its usual time', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { maxLength: 200 }), (multiples) => {
        let state: Overload = noOverload
        for (const m of multiples) {
          const next = read([m], state)
          if (state.ladder !== null && next.ladder !== null)
            expect(STEPS.indexOf(next.ladder.step)).toBeGreaterThanOrEqual(STEPS.indexOf(state.ladder.step))
          state = next
        }
        const after = read(held(1.2, 60), state)
        expect(stepOf(after)).toBe('trip')
      }),
      { numRuns: 200 },
    )
  })
})
