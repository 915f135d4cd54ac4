import { expect, test } from 'vitest'
import { plannerContract, roomFor } from './planner.contract.ts'
import { MemoryPlanner } from './planner.memory.ts'
import type { LinearProgram, PlannerAnswer } from './planner.ts'

/** The contract's one kind of program, by hand: as much y as there is, the rest x. */
function byHand({ rowUpper, upper, integer, values }: LinearProgram): PlannerAnswer {
  const most = rowUpper[0] ?? 0
  if (values.some(Number.isNaN)) return { kind: 'none', reason: 'failed' }
  if (most < 0) return { kind: 'none', reason: 'infeasible' }
  const whole = (value: number) => (integer === undefined ? value : Math.floor(value))
  const y = whole(Math.min(most, upper[1] ?? 0))
  const x = whole(Math.min(most - y, upper[0] ?? 0))
  return { kind: 'solved', values: Float64Array.of(x, y), optimal: true }
}

plannerContract('the double', () => new MemoryPlanner(byHand))

test('a double that hangs gives its programs up with no answer', async () => {
  const planner = new MemoryPlanner(() => null)
  const answer = planner.solve(roomFor(4))
  planner.giveUp()
  expect(await answer).toEqual({ kind: 'none', reason: 'late' })
  expect(planner.asked).toHaveLength(1)
  const stopped = planner.solve(roomFor(4))
  await planner.stop()
  expect(await stopped).toEqual({ kind: 'none', reason: 'stopped' })
})
