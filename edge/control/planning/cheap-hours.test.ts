import { as, type VehicleId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { hours, type Instant, later, seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { MemoryPlanner } from '../../domain/ports/planner.memory.ts'
import type { LinearProgram, PlannerAnswer } from '../../domain/ports/planner.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'
import type { PriceAt } from './prices.ts'

const NAMES = ['A', 'B', 'C'] as const
type Name = (typeof NAMES)[number]
const NEED_WH = 60_000
const STEP = seconds(10)
const CHEAP_AFTER = hours(4)

/** Each need is met from its cheapest columns: the solver's answer where no row binds. */
function cheapest({
  rowLower,
  rowUpper,
  starts,
  indices,
  values,
  upper,
  cost,
}: LinearProgram): PlannerAnswer {
  const x = new Float64Array(cost.length)
  for (let row = 0; row < rowLower.length; row++) {
    if (rowLower[row] !== rowUpper[row]) continue
    let left = rowUpper[row] ?? 0
    const [from = 0, to = 0] = [starts[row], starts[row + 1]]
    const entries = Array.from({ length: to - from }, (_, k) => from + k)
    for (const k of entries.sort((a, b) => (cost[indices[a] ?? 0] ?? 0) - (cost[indices[b] ?? 0] ?? 0))) {
      const column = indices[k] ?? 0
      x[column] = Math.min(upper[column] ?? 0, left / (values[k] ?? 1))
      left -= (x[column] ?? 0) * (values[k] ?? 0)
    }
  }
  return { kind: 'solved', values: x, optimal: true }
}

interface Night {
  readonly stage: Stage
  readonly start: Instant
  readonly takenWh: Map<Name, number>
  /** Lets the vehicles charge for a while, each at its limit but at no more than it can. */
  drive(time: number, mostA?: number): Promise<void>
}

/** Three vehicles arrive where energy is dear for four more hours. */
async function night(
  of: { leavesInH?: number; planner?: MemoryPlanner; priceAt?: (start: Instant) => PriceAt } = {},
): Promise<Night> {
  const site = exampleSite(
    [exampleCircuit('grid', { ratingA: 100 })],
    NAMES.map((id) => exampleEvse(id, 'grid', { fallbackA: 6 })),
  )
  const clock = new FakeClock()
  const start = clock.now()
  const dear: PriceAt = (at) => (at < later(start, CHEAP_AFTER) ? 0.4 : 0.1)
  const planner = of.planner ?? new MemoryPlanner(cheapest)
  const stage = new Stage({
    clock,
    site,
    planner,
    priceAt: of.priceAt?.(start) ?? dear,
    policy: { tick: STEP },
  })
  await stage.start()
  for (const id of NAMES) await stage.join(id)
  await stage.pass(seconds(60))
  stage.control.submit({
    type: 'departures-set',
    by: 'dispatcher',
    departures: NAMES.map((_, n) => ({
      vehicle: as<VehicleId>(`bus-${n + 1}`),
      departureAt: later(start, hours(of.leavesInH ?? 10)),
      energyNeededWh: wattHours(NEED_WH),
      socNeededPct: null,
    })),
  })
  for (const [n, id] of NAMES.entries()) await stage.charge(id, `TAG-${n + 1}`)
  const takenWh = new Map<Name, number>(NAMES.map((id) => [id, 0]))
  const drive = async (time: number, mostA = 32) => {
    for (let passed = 0; passed < time; passed += STEP) {
      for (const id of NAMES) {
        const drawnA = Math.min(mostA, stage.running(id).at(-1) ?? 6)
        const wh = (takenWh.get(id) ?? 0) + (drawnA * 690 * STEP) / 3_600_000
        takenWh.set(id, wh)
        stage.draw(id, drawnA, { registerWh: 1000 + Math.round(wh) })
      }
      await stage.pass(STEP, STEP)
    }
  }
  return { stage, start, takenWh, drive }
}

const least = ({ takenWh }: Night): number => Math.min(...takenWh.values())
const most = ({ takenWh }: Night): number => Math.max(...takenWh.values())

describe('where energy costs less later', () => {
  test('vehicles that have time wait for it and are ready all the same, and say what they wait for', async () => {
    const of = await night()
    await of.drive(hours(1))
    expect(of.stage.live('A')).toMatchObject({ state: 'waiting', reason_code: 'awaits-price' })
    expect(of.stage.live('A').reason).toMatch(
      /^Waits for cheaper energy; its charge is planned from \d\d:\d\d$/,
    )
    await of.drive(hours(2.5))
    expect(most(of)).toBeLessThan(0.05 * NEED_WH)
    await of.drive(hours(6))
    expect(least(of)).toBeGreaterThanOrEqual(NEED_WH)
  }, 60_000)

  test('all charge at once where it costs the same always', async () => {
    const of = await night({ priceAt: () => () => 0.4 })
    await of.drive(hours(3.5))
    expect(least(of)).toBeGreaterThanOrEqual(NEED_WH)
  }, 60_000)

  test('nobody waits who would not be ready', async () => {
    const of = await night({ leavesInH: 3.6 })
    await of.drive(hours(3.25))
    expect(least(of)).toBeGreaterThanOrEqual(NEED_WH)
  }, 60_000)

  test('one that takes less than its EVSE gives begins while it still has time', async () => {
    const of = await night()
    await of.drive(hours(9.75), 10)
    expect(least(of)).toBeGreaterThanOrEqual(NEED_WH)
  }, 60_000)

  test('once no plan comes any more, everyone charges again within half an hour', async () => {
    let answers = true
    const planner = new MemoryPlanner((program) => (answers ? cheapest(program) : null))
    const of = await night({ planner })
    await of.drive(hours(1))
    expect(of.stage.running('A').at(-1)).toBe(0)
    answers = false
    await of.drive(hours(0.6))
    for (const id of NAMES) expect(of.stage.running(id).at(-1)).toBe(32)
  }, 60_000)

  test('a vehicle that a person put first does not wait', async () => {
    const of = await night()
    await of.drive(hours(1))
    of.stage.control.submit({
      type: 'manual-act',
      by: 'Ada',
      act: {
        kind: 'override',
        evse: of.stage.evse('B').key,
        how: 'charge',
        limit: null,
        until: later(of.stage.clock.now(), hours(1)),
        reason: 'r',
      },
    })
    await of.drive(seconds(120))
    expect(NAMES.map((id) => of.stage.running(id).at(-1))).toEqual([0, 32, 0])
  }, 60_000)
})
