import { PHASES } from '@busbar/units/per-phase.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selfTestReports } from '../domain/site/trust/self-tests.ts'
import type { MeterWay } from './meter-ways.ts'
import { TestDepot } from './test-depot.ts'

const STATIONS = ['A', 'B', 'C', 'D']
const GRID_A = 140

describe.each<MeterWay>(['tcp', 'rtu'])('a site meter over %s that cannot be right', (way) => {
  let test: TestDepot
  let worst = 0
  beforeEach(async () => {
    worst = 0
    test = await TestDepot.start({
      gridA: GRID_A,
      otherA: 70,
      meterWay: way,
      feeders: [{ id: 'f1', ratingA: 250 }],
      stations: STATIONS.map((id) => ({ id, feeder: 'f1' })),
      vehicles: ['v1', 'v2', 'v3', 'v4'],
    })
    await test.until('every station is reconciled', () => test.edge.control.depot.ready, minutes(2))
  })
  afterEach(() => test.stop())

  const report = () => test.edge.control.depot.memory.table(selfTestReports).get('grid-meter')
  const meter = () => test.live().meters[0]
  const incidents = () => test.live().incidents.map(({ code, text }) => `${code}: ${text}`)
  const offered = () => STATIONS.map((station) => test.evse(station).offered_a ?? 0)
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const watchWorst = () => {
    worst = Math.max(worst, ...PHASES.map((phase) => test.drawnA('grid')[phase]))
  }
  const plugIn = (phases: 1 | 3 = 3) =>
    STATIONS.slice(0, 3).forEach((station, index) => {
      test.plugIn(station, `v${index + 1}`, { phases })
    })

  it('passes its self-test by itself within seconds, and a first vehicle proves its wiring', async () => {
    expect(meter()).toMatchObject({ quality: 'live', reason: null })
    expect(report()?.result).toBe('passed')
    expect(report()?.steps.find(({ step }) => step === 'direction')?.result).toBe('pending')
    test.plugIn('A', 'v1')
    await test.until(
      'the step of the vehicle was seen',
      () => report()?.steps.every(({ result }) => result !== 'pending') === true,
      minutes(3),
    )
    expect(report()?.result).toBe('passed')
    expect(incidents()).toEqual([])
  })

  it('F12: values frozen while the load moves count as stale from the first of them', async () => {
    plugIn()
    await test.pass(minutes(2))
    const before = sum(offered())
    expect(before).toBeGreaterThan(75)
    await test.depot.meter.faults.set({ kind: 'stale' })
    test.depot.setBuilding(70 * 3 * 215)
    await test.pass(seconds(34), watchWorst)
    expect(incidents().join()).toContain(
      'meter.implausible: Site meter cannot be right: its values have not moved',
    )
    expect(test.live().power.age_ms).toBeGreaterThanOrEqual(30_000)
    expect(['reserve', 'static']).toContain(test.live().power.quality)
    await test.pass(seconds(10))
    expect(sum(offered())).toBeLessThanOrEqual(GRID_A - 70)
    await test.pass(seconds(40))
    expect(test.live().power.quality).toBe('static')
    expect(offered().slice(0, 3)).toEqual([6, 6, 6])

    await test.depot.meter.faults.set({ kind: 'none' })
    test.depot.setBuilding(20_000)
    await test.until('its values move again and are believed', () => meter()?.quality === 'live', minutes(1))
  })

  it('F13: a reversed sign is found by the first vehicles; the meter is shown and drives nothing', async () => {
    await test.depot.meter.faults.set({ kind: 'ctReversed' })
    plugIn()
    await test.until('the sign is doubted', () => meter()?.reason !== null, minutes(5))
    await test.until('it is told', () => incidents().length > 0, minutes(5))
    expect(incidents().join()).toMatch(/reversed: L1, L2, L3|phase map, CT or sign/)
    expect(meter()?.quality).toBe('reserve')
    expect(meter()?.power_w).toBeLessThan(0)
    await test.pass(seconds(30))
    expect(sum(offered())).toBeLessThanOrEqual(GRID_A - 70)
    test.depot.setBuilding(70 * 3 * 215)
    await test.pass(minutes(2), watchWorst)
    expect(worst).toBeLessThanOrEqual(GRID_A)
  })

  it('F14: swapped conductors are told with the suspected map', async () => {
    await test.depot.meter.faults.set({ kind: 'phaseSwap', phases: ['l1', 'l2'] })
    for (const [index, station] of STATIONS.slice(0, 3).entries()) {
      test.plugIn(station, `v${index + 1}`, { phases: 1 })
      await test.pass(seconds(70), watchWorst)
    }
    expect(incidents().join()).toContain('suspected phase map: L1 sees L2, L2 sees L1')
    expect(meter()?.quality).toBe('reserve')
    expect(worst).toBeLessThanOrEqual(GRID_A)
  })

  it('F15: a wrong word order is rejected, and none of its values is shown as new', async () => {
    const { power_w: before, measured_at: at } = meter() ?? {}
    await test.depot.meter.faults.set({ kind: 'swappedWords' })
    await test.pass(seconds(20))
    expect(meter()).toMatchObject({ power_w: before, measured_at: at, quality: 'reserve' })
    expect(incidents().join()).toContain('meter.implausible')
    await test.depot.meter.faults.set({ kind: 'none' })
    await test.until('it is believed again', () => meter()?.quality === 'live', minutes(1))
  })

  it('a power that changes its unit contradicts voltage and current, and is not used', async () => {
    plugIn()
    await test.pass(minutes(2))
    const before = offered()
    await test.depot.meter.faults.set({
      kind: 'scaleChange',
      by: 0.001,
      points: ['p_l1', 'p_l2', 'p_l3', 'p_total'],
    })
    await test.pass(seconds(8))
    expect(incidents().join()).toContain('a wrong unit')
    expect(meter()?.quality).not.toBe('live')
    for (const [index, limit] of offered().entries()) expect(limit).toBeLessThanOrEqual(before[index] ?? 0)
  })
})
