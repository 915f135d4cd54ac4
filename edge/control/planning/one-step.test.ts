import { as, type VehicleId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { hours, later, seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { allocate } from '../../domain/load-balancing/allocate.ts'
import { check } from '../../domain/load-balancing/checker.ts'
import { MemoryPlanner } from '../../domain/ports/planner.memory.ts'
import type { LinearProgram, PlannerAnswer } from '../../domain/ports/planner.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const NAMES = ['A', 'B', 'C']
/** The one-step program has a column for each vehicle; a plan has one for each quarter of an hour. */
const isStep = ({ cost }: LinearProgram) => cost.length <= NAMES.length
const NOTHING: PlannerAnswer = { kind: 'none', reason: 'late' }

/** Three vehicles with the same need and time share 40 A, for the most energy. */
async function sharing(answer: (program: LinearProgram) => PlannerAnswer | null) {
  const site = exampleSite(
    [exampleCircuit('grid', { ratingA: 40 })],
    NAMES.map((id) => exampleEvse(id, 'grid', { fallbackA: 0 })),
  )
  const planner = new MemoryPlanner((program) => (isStep(program) ? answer(program) : NOTHING))
  const stage = new Stage({ clock: new FakeClock(), site, planner, policy: { aim: 'energy' } })
  await stage.start()
  for (const id of NAMES) await stage.join(id)
  await stage.pass(seconds(40))
  stage.control.submit({
    type: 'departures-set',
    by: 'dispatcher',
    departures: NAMES.map((_, n) => ({
      vehicle: as<VehicleId>(`bus-${n + 1}`),
      departureAt: later(stage.clock.now(), hours(6)),
      energyNeededWh: wattHours(40_000),
      socNeededPct: null,
    })),
  })
  for (const [n, id] of NAMES.entries()) await stage.charge(id, `TAG-${n + 1}`)
  const seen = []
  for (let n = 0; n < 40; n++) {
    for (const id of NAMES) stage.draw(id, stage.running(id).at(-1) ?? 0)
    await stage.pass(seconds(5))
    seen.push(stage.control.decision())
  }
  return { stage, seen, planner }
}

const solved = (values: readonly number[]): PlannerAnswer => ({
  kind: 'solved',
  values: Float64Array.from(values),
  optimal: true,
})

describe('the one-step program beside the loop', () => {
  test('its proposal is in the snapshot, the shares follow it, and the snapshot alone gives them again', async () => {
    // All that fits to the last column, nothing to the others.
    const { seen } = await sharing(({ cost }) =>
      solved([...cost].map((_, n) => (n === cost.length - 1 ? 32 : 0))),
    )
    const last = seen.at(-1)
    expect(last?.snapshot.evses.every(({ proposed }) => proposed !== undefined)).toBe(true)
    const levels = [...(last?.shares.values() ?? [])].map(({ level }) => level).sort((a, b) => a - b)
    expect(levels).toEqual([0, 8000, 32_000])
    for (const { snapshot, shares } of seen) expect(allocate(snapshot)).toEqual(shares)
  })

  test.each<[string, (program: LinearProgram) => PlannerAnswer | null]>([
    ['hangs', () => null],
    ['fails', () => ({ kind: 'none', reason: 'failed' })],
    ['answers with numbers that are none', ({ cost }) => solved([...cost].map(() => Number.NaN))],
    ['answers with far too much', ({ cost }) => solved([...cost].map(() => 1e9))],
    ['answers with less than nothing', ({ cost }) => solved([...cost].map(() => -1e9))],
    ['answers with nothing', () => solved([])],
  ])('while it %s, all that fits is still given and no row is passed', async (_, answer) => {
    const { seen, planner } = await sharing(answer)
    expect(planner.asked.some(isStep)).toBe(true)
    for (const { snapshot, shares, transition } of seen) {
      expect(check(snapshot, shares)).toEqual([])
      expect(transition.worst[0]).toBeLessThanOrEqual(40_000)
    }
    const given = [...(seen.at(-1)?.shares.values() ?? [])].reduce((sum, { level }) => sum + level, 0)
    expect(given).toBe(40_000)
  })
})
