import { seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { LinearProgram, Planner } from './planner.ts'

/** max x + 2y, x + y ≤ 4, x ≤ 3, y ≤ 2.5: best at (1.5, 2.5); in whole numbers at (2, 2). */
export const roomFor = (most: number, integer?: Int32Array<ArrayBuffer>): LinearProgram => ({
  cost: Float64Array.of(-1, -2),
  lower: Float64Array.of(0, 0),
  upper: Float64Array.of(3, 2.5),
  ...(integer === undefined ? {} : { integer }),
  rowLower: Float64Array.of(Number.NEGATIVE_INFINITY),
  rowUpper: Float64Array.of(most),
  starts: Int32Array.of(0, 2),
  indices: Int32Array.of(0, 1),
  values: Float64Array.of(1, 1),
})

/** Whole numbers only. */
export const WHOLE = Int32Array.of(1, 1)

const rounded = (values: Float64Array): number[] => [...values].map((value) => Math.round(value * 1e6) / 1e6)
const LIMIT = seconds(10)

const behaviours: Readonly<Record<string, (planner: Planner) => Promise<void>>> = {
  'it finds the best point': async (planner) => {
    const answer = await planner.solve(roomFor(4), LIMIT)
    expect(answer).toMatchObject({ kind: 'solved', optimal: true })
    if (answer.kind === 'solved') expect(rounded(answer.values)).toEqual([1.5, 2.5])
  },

  'it keeps whole numbers whole': async (planner) => {
    const answer = await planner.solve(roomFor(4, WHOLE), LIMIT)
    if (answer.kind === 'solved') expect(rounded(answer.values)).toEqual([2, 2])
    expect(answer.kind).toBe('solved')
  },

  'what cannot be is no answer, with the reason': async (planner) => {
    expect(await planner.solve(roomFor(-1), LIMIT)).toEqual({ kind: 'none', reason: 'infeasible' })
  },

  'a program that is none is no answer, and the next one is solved': async (planner) => {
    const program = { ...roomFor(4), values: Float64Array.of(Number.NaN, 1) }
    expect(await planner.solve(program, LIMIT)).toEqual({ kind: 'none', reason: 'failed' })
    expect((await planner.solve(roomFor(4), LIMIT)).kind).toBe('solved')
  },

  'programs asked together are all answered': async (planner) => {
    const answers = await Promise.all([4, 3, 2].map((most) => planner.solve(roomFor(most), LIMIT)))
    expect(answers.map((answer) => answer.kind === 'solved' && rounded(answer.values)[0])).toEqual([
      1.5, 0.5, 0,
    ])
  },

  'after a stop there is no answer; stopping twice is stopping once': async (planner) => {
    await planner.stop()
    await planner.stop()
    expect(await planner.solve(roomFor(4), LIMIT)).toEqual({ kind: 'none', reason: 'stopped' })
  },
}

/** What every Planner does. */
export function plannerContract(name: string, create: () => Planner): void {
  describe(`${name} as a Planner`, () => {
    for (const [behaviour, check] of Object.entries(behaviours))
      test(behaviour, async () => {
        const planner = create()
        await check(planner)
        await planner.stop()
      })
  })
}
