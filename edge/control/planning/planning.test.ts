import { as, type CircuitId, type VehicleId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { hours, later, minutes, seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { ManualAct } from '../../domain/charging/manual/manual-act.ts'
import { MemoryPlanner } from '../../domain/ports/planner.memory.ts'
import type { LinearProgram, Planner, PlannerAnswer } from '../../domain/ports/planner.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const NAMES = ['A', 'B', 'C']

/** Three vehicles share 40 A; the first leaves in 4 h and needs much, the others have time. */
async function morning(planner: Planner | undefined) {
  const site = exampleSite(
    [exampleCircuit('grid', { ratingA: 40 })],
    NAMES.map((id) => exampleEvse(id, 'grid', { fallbackA: 6 })),
  )
  const stage = new Stage({ clock: new FakeClock(), site, ...(planner === undefined ? {} : { planner }) })
  await stage.start()
  for (const id of NAMES) await stage.join(id)
  await stage.pass(seconds(40))
  const start = stage.clock.now()
  stage.control.submit({
    type: 'departures-set',
    by: 'dispatcher',
    departures: [
      [4, 60_000],
      [12, 20_000],
      [12, 20_000],
    ].map(([inH = 0, wh = 0], n) => ({
      vehicle: as<VehicleId>(`bus-${n + 1}`),
      departureAt: later(start, hours(inH)),
      energyNeededWh: wattHours(wh),
      socNeededPct: null,
    })),
  })
  for (const [n, id] of NAMES.entries()) await stage.charge(id, `TAG-${n + 1}`)
  return stage
}

async function drive(stage: Stage, time: number) {
  for (let passed = 0; passed < time; passed += seconds(5)) {
    for (const id of NAMES) stage.draw(id, stage.running(id).at(-1) ?? 6)
    await stage.pass(seconds(5))
  }
}

/** Every limit that left, with its time. */
const limits = (stage: Stage) =>
  stage.said.map(({ station, command, at }) => ({ station, command, at: Math.round(at) }))

/** Gives every power column its upper bound from the front until the need is met: a plan that ignores the rows. */
function greedy({ rowLower, rowUpper, starts, indices, values, upper, cost }: LinearProgram): PlannerAnswer {
  const x = new Float64Array(cost.length)
  for (let row = 0; row < rowLower.length; row++) {
    if (rowLower[row] !== rowUpper[row]) continue
    let left = rowUpper[row] ?? 0
    for (let k = starts[row] ?? 0; k < (starts[row + 1] ?? 0); k++) {
      const column = indices[k] ?? 0
      const take = Math.min(upper[column] ?? 0, left / (values[k] ?? 1))
      x[column] = take
      left -= take * (values[k] ?? 0)
    }
  }
  return { kind: 'solved', values: x, optimal: true }
}

/** As `greedy`, and only for the first vehicle: the others wait. */
function firstAlone(program: LinearProgram): PlannerAnswer {
  const answer = greedy(program)
  if (answer.kind !== 'solved') return answer
  const rows = [...program.rowLower.keys()].filter((row) => program.rowLower[row] === program.rowUpper[row])
  for (const row of rows.slice(1)) {
    const [from = 0, to = 0] = [program.starts[row], program.starts[row + 1]]
    for (let k = from; k < to; k++) answer.values[program.indices[k] ?? 0] = 0
  }
  return answer
}

const levelAt = (stage: Stage, id: string): number =>
  stage.control.decision().shares.get(stage.evse(id).key)?.level ?? 0

/** A lower limit of the whole, and a vehicle that the plan lets wait put before all others. */
const acts = (stage: Stage): readonly ManualAct[] => {
  const said = { until: later(stage.clock.now(), hours(1)), reason: 'r' }
  return [
    { kind: 'operating-limit', circuit: as<CircuitId>('grid'), limitA: 30, limitW: null, ...said },
    { kind: 'override', evse: stage.evse('B').key, how: 'charge', limit: null, ...said },
  ]
}

/** The first vehicle is promised most of the row all the time, and the second a little. */
function mostlyFirst(program: LinearProgram): PlannerAnswer {
  const values = new Float64Array(program.cost.length)
  const rows = [...program.rowLower.keys()].filter((row) => program.rowLower[row] === program.rowUpper[row])
  for (const [nth, part] of [0.8, 0.25].entries()) {
    const row = rows[nth] ?? 0
    let left = program.rowUpper[row] ?? 0
    for (let k = program.starts[row] ?? 0; k < (program.starts[row + 1] ?? 0); k++) {
      const column = program.indices[k] ?? 0
      values[column] = Math.min(part * (program.upper[column] ?? 0), left / (program.values[k] ?? 1))
      left -= (values[column] ?? 0) * (program.values[k] ?? 0)
    }
  }
  return { kind: 'solved', values, optimal: true }
}

/** Of one vehicle alone no plan passes a row. */
const NOTHING: PlannerAnswer = { kind: 'none', reason: 'late' }

describe('the planner beside the loop', () => {
  test('promises a vehicle what its corridor wants, and the balancer keeps that before it shares the rest', async () => {
    const stage = await morning(new MemoryPlanner(firstAlone))
    await drive(stage, minutes(5))
    const { snapshot, shares } = stage.control.decision()
    const key = stage.evse('A').key
    expect(snapshot.evses.find((evse) => evse.key === key)?.guarantee).toBeGreaterThan(25_000)
    expect(shares.get(key)?.level).toBeGreaterThan(25_000)
    const without = await morning(undefined)
    await drive(without, minutes(5))
    expect(without.control.decision().shares.get(key)?.level).toBeLessThan(25_000)
  })

  test('is in what a person is shown before an act: what stands is what is shared, and what comes is what is decided then', async () => {
    const planner = new MemoryPlanner(firstAlone)
    const stage = await morning(planner)
    await drive(stage, minutes(5))
    const watts = (id: string) => Math.round((levelAt(stage, id) * 690) / 1000)
    const before = NAMES.map(watts)
    for (const act of acts(stage)) {
      const asked = planner.asked.length
      const preview = stage.control.preview(act)
      expect(planner.asked.length).toBe(asked)
      if (typeof preview === 'string') throw new RangeError(preview)
      expect(preview.changes.length).toBeGreaterThan(0)
      for (const { label, before_w } of preview.changes)
        expect([label, before_w]).toEqual([label, watts(label)])
      stage.control.submit({ type: 'manual-act', by: 'Ada', act })
      await stage.settle()
      for (const { label, after_w } of preview.changes)
        expect([label, after_w]).toEqual([label, watts(label)])
    }
    expect(NAMES.map(watts)).not.toEqual(before)
  })

  test('never goes before what a person said of one vehicle', async () => {
    const stage = await morning(new MemoryPlanner(mostlyFirst))
    await drive(stage, minutes(5))
    const [, charge] = acts(stage)
    if (charge !== undefined) stage.control.submit({ type: 'manual-act', by: 'Ada', act: charge })
    await stage.settle()
    expect(levelAt(stage, 'B')).toBe(28_000)
    expect(levelAt(stage, 'A')).toBe(6000)
  })

  test.each<[string, (program: LinearProgram) => PlannerAnswer | null]>([
    ['hangs', () => null],
    ['has crashed', () => ({ kind: 'none', reason: 'failed' })],
    ['finds nothing possible', () => ({ kind: 'none', reason: 'infeasible' })],
    ['answers with numbers that are none', ({ cost }) => solved(cost.length, Number.NaN)],
    ['answers with too few numbers', () => solved(0, 0)],
    [
      'answers with a plan that passes its rows',
      (program) => (program.upper.length > 100 ? greedy(program) : NOTHING),
    ],
    ['answers with far too much', ({ cost }) => solved(cost.length, 1e9)],
    ['answers with less than nothing', ({ cost }) => solved(cost.length, -50)],
  ])('changes no limit while it %s', async (_, answer) => {
    const planner = new MemoryPlanner(answer)
    const [with_, without] = [await morning(planner), await morning(undefined)]
    for (const stage of [with_, without]) await drive(stage, minutes(20))
    expect(planner.asked.some(({ upper }) => upper.length > 100) || planner.asked.length === 1).toBe(true)
    expect(limits(with_)).toEqual(limits(without))
    expect(limits(with_).length).toBeGreaterThan(3)
  })

  test('a planner that throws is told of, and the loop goes on', async () => {
    const broken: Planner = {
      solve: () => Promise.reject(new RangeError('worker gone')),
      stop: async () => undefined,
    }
    const [with_, without] = [await morning(broken), await morning(undefined)]
    for (const stage of [with_, without]) await drive(stage, minutes(20))
    expect(limits(with_)).toEqual(limits(without))
    expect(with_.warnings.get('planning.none')).toContain('worker gone')
  })

  test('a plan stands for half an hour without a newer one, and no longer', async () => {
    let answers = 0
    const stage = await morning(new MemoryPlanner((program) => (answers++ < 2 ? firstAlone(program) : null)))
    const guarantee = () =>
      stage.control.decision().snapshot.evses.find(({ key }) => key === stage.evse('A').key)?.guarantee
    await drive(stage, minutes(25))
    expect(guarantee()).toBeGreaterThan(0)
    await drive(stage, minutes(15))
    expect(guarantee()).toBeUndefined()
  })
})

const solved = (length: number, value: number): PlannerAnswer => ({
  kind: 'solved',
  values: new Float64Array(length).fill(value),
  optimal: true,
})
