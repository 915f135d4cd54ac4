import { beforeAll, describe, expect, test } from 'vitest'
import { loadSolver, type Solver } from '../../../adapters/planner/worker/solver.ts'
import { fallbackFaults } from '../../../domain/load-balancing/commissioning.ts'
import { nightEdf, nightUncontrolled } from './night-baselines.ts'
import { nightBound } from './night-bound.ts'
import { busbarNight } from './night-busbar.ts'
import { isDown, nightDepot, OUTLET_W, STEPS } from './night-depot.ts'
import { type NightMethod, simulateNight } from './night-simulate.ts'

const SEEDS = [1, 2, 3]
/** Gives every bus the same. */
const all =
  (level: number): NightMethod =>
  ({ parked }) => ({ levels: new Map(parked.map(({ bus }) => [bus.evse.key, level])), faults: 0 })

describe('the night of a depot', () => {
  test.each(SEEDS)(
    'is the same again from the same seed, and a depot that could be commissioned (%i)',
    (seed) => {
      const depot = nightDepot(seed, 2)
      expect(nightDepot(seed, 2).buses).toEqual(depot.buses)
      expect(nightDepot(seed + 100, 2).buses).not.toEqual(depot.buses)
      expect(fallbackFaults(depot.site)).toEqual([])
      for (const { arrival, departure, needWh, bestW } of depot.buses) {
        expect(arrival).toBeGreaterThanOrEqual(0)
        expect(departure).toBeLessThanOrEqual(STEPS)
        expect(needWh).toBeLessThan(((departure - arrival) / 12) * bestW)
      }
    },
  )

  test('counts a step in which buses could together pass a rating', async () => {
    expect((await simulateNight(nightDepot(1, 2), all(OUTLET_W))).violations).toBeGreaterThan(10)
    expect((await simulateNight(nightDepot(1, 2), all(0))).violations).toBe(0)
  })

  test('gives no bus anything while its feeder has no voltage', async () => {
    const depot = nightDepot(1, 2)
    let seen = 0
    await simulateNight(depot, (moment) => {
      for (const { bus, drawnW } of moment.parked)
        if (isDown(depot, bus, moment.step - 1) && moment.step > bus.arrival) {
          seen++
          expect(drawnW).toBe(0)
        }
      return all(10_000)(moment)
    })
    expect(seen).toBeGreaterThan(100)
  })
})

describe('methods for the night', () => {
  let solve: Solver
  beforeAll(async () => {
    solve = await loadSolver()
  })

  test.each(SEEDS)(
    'pass no rating, and none that leaves no more undone is cheaper than the bound (%i)',
    async (seed) => {
      const depot = nightDepot(seed, 1)
      const bound = nightBound(depot, solve)
      for (const method of [nightUncontrolled, nightEdf, busbarNight({ solve, oneStep: false })]) {
        const result = await simulateNight(depot, method)
        expect(result.violations).toBe(0)
        expect(result.shortKwh).toBeGreaterThanOrEqual(bound.shortKwh - 0.01)
        if (result.shortKwh <= bound.shortKwh + 0.01) expect(result.cost).toBeGreaterThanOrEqual(bound.cost)
        expect(result.deliveredKwh + result.shortKwh).toBeCloseTo(
          depot.buses.reduce((sum, { needWh }) => sum + needWh, 0) / 1000,
        )
      }
    },
  )
})
