import { perPhase } from '@busbar/units/per-phase.ts'
import { describe, expect, it } from 'vitest'
import { notFollowing } from './follow.ts'
import { RATING } from './readings.test-kit.ts'
import { checkStep, surelyWrong } from './step-check.ts'
import { treeFault } from './tree.ts'
import { neutralA, unbalanceFault } from './unbalance.ts'

const on = (l1: number, l2: number, l3: number) => ({ l1, l2, l3 })

describe('a step of a known load', () => {
  it.each([
    { says: 'seen as it is', expected: on(5, 5, 5), measured: on(5.1, 4.9, 5.2), kind: 'fits' },
    { says: 'seen within some noise', expected: on(5, 0, 0), measured: on(5.3, 0.3, -0.2), kind: 'fits' },
    { says: 'not seen at all', expected: on(5, 5, 5), measured: on(0, 0, 0), kind: 'unclear' },
    { says: 'hidden by something else', expected: on(5, 0, 0), measured: on(3, 4, 4), kind: 'unclear' },
  ])('$says: $kind', ({ expected, measured, kind }) => {
    const verdict = checkStep({ expectedW: scaled(expected), measuredW: scaled(measured) })
    expect(verdict.kind).toBe(kind)
  })

  it.each([
    {
      says: 'all transformers reversed',
      expected: on(5, 5, 5),
      measured: on(-5, -5, -5),
      text: 'reversed: L1, L2, L3',
    },
    { says: 'one transformer reversed', expected: on(5, 5, 5), measured: on(5, -5, 5), text: 'reversed: L2' },
    {
      says: 'conductors swapped',
      expected: on(5, 0, 0),
      measured: on(0, 5, 0),
      text: 'suspected phase map: L1 sees L2, L2 sees L1',
    },
    {
      says: 'transformers swapped',
      expected: on(5, 5, 5),
      measured: on(-2.5, -2.5, 5),
      text: 'suspected phase map: L1 sees L2, L2 sees L1',
    },
    {
      says: 'all transformers one on',
      expected: on(5, 1, 0),
      measured: on(1, 0, 5),
      text: 'suspected phase map: L1 sees L2, L2 sees L3, L3 sees L1',
    },
    {
      says: 'the wrong transformer ratio',
      expected: on(5, 5, 5),
      measured: on(10, 10, 10),
      text: 'reads 2.00 times the load',
    },
  ])('$says: $text', ({ expected, measured, text }) => {
    expect(checkStep({ expectedW: scaled(expected), measuredW: scaled(measured) })).toMatchObject({
      kind: 'wrong',
      text,
    })
  })
})

const scaled = (values: { l1: number; l2: number; l3: number }) => perPhase((phase) => values[phase] * 1000)

describe('a wrong wiring is sure', () => {
  const seen = (expected: ReturnType<typeof on>, measured: ReturnType<typeof on>) =>
    checkStep({ expectedW: scaled(expected), measuredW: scaled(measured) })
  const ratios = (...of: readonly number[]) =>
    of.map((ratio) => seen(on(5, 5, 5), on(5 * ratio, 5 * ratio, 5 * ratio)))
  const reversed = seen(on(5, 5, 5), on(5, -5, 5))

  it('when two steps tell of the same one', () => {
    expect(surelyWrong([reversed])).toBe(false)
    expect(surelyWrong([reversed, reversed])).toBe(true)
    expect(surelyWrong([reversed, ...ratios(1), reversed])).toBe(false)
    expect(surelyWrong([seen(on(5, 0, 0), on(0, 5, 0)), reversed])).toBe(false)
  })

  it('when five steps read the same ratio: one that other loads disturbed reads another the next time', () => {
    expect(surelyWrong(ratios(1.25, 1.27, 1.24, 1.26, 1.25))).toBe(true)
    expect(surelyWrong(ratios(1.25, 1.27, 1.24, 1.26))).toBe(false)
    expect(surelyWrong(ratios(1.12, 1.3, 0.85, 1.15, 1.2))).toBe(false)
    expect(surelyWrong(ratios(1.25, 1.27, 1, 1.26, 1.25))).toBe(false)
  })
})

describe('what hangs below a meter', () => {
  it.each([
    { below: on(50, 50, 50), most: on(50, 50, 50), fault: false },
    { below: on(53, 50, 50), most: on(50, 50, 50), fault: false },
    { below: on(54, 50, 50), most: on(50, 50, 50), fault: true },
    { below: on(10, 10, 10), most: on(-50, 60, 60), fault: true },
    { below: on(10, 10, 10), most: {}, fault: false },
  ])('$below under $most is a contradiction: $fault', ({ below, most, fault }) => {
    expect(treeFault(below, most) !== null).toBe(fault)
  })

  it('a power that stands still while stations step was not measured', () => {
    expect(notFollowing(8000, 100, RATING)).toContain('stood still')
    expect(notFollowing(8000, 7000, RATING)).toBeNull()
    expect(notFollowing(6000, 100, RATING)).toBeNull()
  })
})

describe('the neutral conductor', () => {
  it('carries nothing of a balanced load, all of a single one, and is alarmed beyond its rating', () => {
    expect(neutralA(on(40, 40, 40))).toBe(0)
    expect(neutralA(on(40, 0, 0))).toBe(40)
    expect(unbalanceFault(on(90, 0, 0), RATING, null)).toBeNull()
    expect(unbalanceFault(on(120, 0, 0), RATING, null)).toContain('neutral')
    expect(unbalanceFault(on(40, 15, 15), RATING, 20)).toContain('25 A')
    expect(unbalanceFault({ l1: 90 }, RATING, 20)).toBeNull()
  })
})
