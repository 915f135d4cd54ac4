import type { EvseKey } from '@busbar/model/ids.ts'
import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { makePlan } from '../../domain/scheduling/make-plan.ts'
import type { Corridor } from '../../domain/scheduling/plan.ts'
import { type PlanProblem, type PlanVehicle, SLOT_H } from '../../domain/scheduling/plan-problem.ts'
import { HighsPlanner } from './highs-planner.ts'

const planner = new HighsPlanner(new FakeClock())
afterAll(() => planner.stop())

const vehicle = (name: string, of: Partial<PlanVehicle> = {}): PlanVehicle => ({
  key: as<EvseKey>(name),
  loads: [{ row: 0, perLevel: 1 }],
  wattsPerLevel: 1,
  bestW: 50_000,
  needWh: 50_000,
  slots: 8,
  tier: 1,
  battery: null,
  ...of,
})
const problem = (of: Partial<PlanProblem>): PlanProblem => ({
  vehicles: [],
  rows: [{ duty: 'protect', capacity: 100_000 }],
  prices: [],
  peak: null,
  ...of,
})
async function planned(of: PlanProblem): Promise<Record<string, Corridor>> {
  const made = await makePlan(of, planner, seconds(5))
  if (made.kind === 'none') throw new RangeError(made.reason)
  return Object.fromEntries(made.plan)
}
const stepsW = ({ byWh }: Corridor) =>
  byWh.map((wh, slot) => Math.round((wh - (byWh[slot - 1] ?? 0)) / SLOT_H))

describe('a plan by HiGHS', () => {
  test('without a shortage all are ready, the earliest way', async () => {
    const { a, b } = await planned(problem({ vehicles: [vehicle('a'), vehicle('b')] }))
    expect(a?.shortWh).toBeLessThan(1)
    expect(a && stepsW(a).slice(0, 5)).toEqual([50_000, 50_000, 50_000, 50_000, 0])
    expect(b?.byWh.at(-1)).toBeCloseTo(50_000, 0)
  })

  test('waits for the cheap hours as long as all can still be ready', async () => {
    const prices = [0.4, 0.4, 0.4, 0.4, 0.1, 0.1, 0.1, 0.1]
    const { a, b } = await planned(
      problem({ vehicles: [vehicle('a'), vehicle('b', { needWh: 75_000 })], prices }),
    )
    expect(a && stepsW(a)).toEqual([0, 0, 0, 0, 50_000, 50_000, 50_000, 50_000])
    expect(b?.shortWh).toBeLessThan(1)
    expect(b?.byWh[3]).toBeCloseTo(25_000, 0)
  })

  test('spreads over time where a peak costs', async () => {
    const peak = { paidW: 30_000, baseW: 5000, pricePerKw: 10 }
    const { a } = await planned(problem({ vehicles: [vehicle('a')], peak }))
    for (const powerW of a ? stepsW(a) : []) expect(powerW).toBeCloseTo(25_000, -1)
  })

  test('where not all can be ready, as many are as can be, and the higher tier first', async () => {
    const rows = [{ duty: 'protect', capacity: 50_000 } as const]
    const vehicles = ['a', 'b', 'c'].map((name) => vehicle(name, { needWh: name === 'a' ? 70_000 : 45_000 }))
    const plan = await planned(problem({ vehicles, rows }))
    const ready = Object.values(plan).filter(({ shortWh }) => shortWh < 100)
    expect(ready).toHaveLength(2)
    expect(plan.a?.shortWh).toBeGreaterThan(50_000)
    const tiers = vehicles.map((each, n) => ({ ...each, tier: n + 1 }))
    expect((await planned(problem({ vehicles: tiers, rows }))).a?.shortWh).toBeLessThan(100)
  })

  test('takes no more than a battery near full does', async () => {
    const full = vehicle('a', { needWh: 20_000, slots: 4, battery: { socPct: 90, Wh: 100_000 } })
    const { a } = await planned(problem({ vehicles: [full] }))
    const [first = 0, second = 0] = a ? stepsW(a) : []
    expect(first).toBe(27_500)
    expect(second).toBeLessThan(first)
    expect(a?.shortWh).toBeGreaterThan(0)
  })

  test('is a checked plan on any problem', async () => {
    const vehicles = fc.array(
      fc.record({
        needKwh: fc.nat(80),
        slots: fc.nat(12),
        bestKw: fc.integer({ min: 5, max: 60 }),
        row: fc.nat(2),
      }),
      { maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(vehicles, fc.array(fc.nat(80), { minLength: 3, maxLength: 3 }), async (list, caps) => {
        const made = await makePlan(
          problem({
            vehicles: list.map(({ needKwh, slots, bestKw, row }, n) =>
              vehicle(`v${n}`, {
                ...{ needWh: 1000 * needKwh, slots, bestW: 1000 * bestKw, tier: 1 + (n % 3) },
                loads: [
                  { row: 0, perLevel: 1 },
                  { row, perLevel: row === 2 ? -0.5 : 1 },
                ].filter(({ row: on }, at) => at === 0 || on > 0),
                battery: n % 2 === 0 ? { socPct: 70, Wh: 100_000 } : null,
              }),
            ),
            rows: caps.map((kw, row) => ({ duty: row === 2 ? 'contract' : 'protect', capacity: 1000 * kw })),
          }),
          planner,
          seconds(5),
        )
        expect(made).toMatchObject({ kind: 'plan' })
      }),
      { seed: 5, numRuns: 60, interruptAfterTimeLimit: 8000 },
    )
  })
})
