import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import { plannerContract, roomFor } from '../../domain/ports/planner.contract.ts'
import { HighsPlanner } from './highs-planner.ts'

plannerContract('HiGHS in a worker', () => new HighsPlanner(new FakeClock()))

const HANGING = new URL('./testing/hanging-worker.ts', import.meta.url)
const CRASHING = new URL('./testing/crashing-worker.ts', import.meta.url)

test('a worker that hangs is ended at twice the limit, and each program gets a turn of its own', async () => {
  const clock = new FakeClock()
  const planner = new HighsPlanner(clock, HANGING)
  const first = planner.solve(roomFor(4), seconds(2))
  const second = planner.solve(roomFor(4), seconds(2))
  let settled = 0
  void first.then(() => settled++)
  clock.advance(seconds(3.9))
  await Promise.resolve()
  expect(settled).toBe(0)
  clock.advance(seconds(0.1))
  expect(await first).toEqual({ kind: 'none', reason: 'late' })
  clock.advance(seconds(4))
  expect(await second).toEqual({ kind: 'none', reason: 'late' })
  await planner.stop()
})

test('a worker that dies is no answer', async () => {
  const planner = new HighsPlanner(new FakeClock(), CRASHING)
  expect(await planner.solve(roomFor(4), seconds(2))).toEqual({ kind: 'none', reason: 'failed' })
  expect(await planner.solve(roomFor(4), seconds(2))).toEqual({ kind: 'none', reason: 'failed' })
  await planner.stop()
})

test('a program that stops midway is told as stopped', async () => {
  const planner = new HighsPlanner(new FakeClock(), HANGING)
  const answer = planner.solve(roomFor(4), seconds(2))
  await planner.stop()
  expect(await answer).toEqual({ kind: 'none', reason: 'stopped' })
})
