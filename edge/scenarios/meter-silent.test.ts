import { PHASES } from '@busbar/units/per-phase.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestDepot } from './test-depot.ts'

const STATIONS = ['A', 'B', 'C', 'D']

describe('the site meter silent', () => {
  let test: TestDepot
  beforeEach(async () => {
    test = await TestDepot.start({
      gridA: 140,
      otherA: 70,
      feeders: [{ id: 'f1', ratingA: 250 }],
      stations: STATIONS.map((id) => ({ id, feeder: 'f1' })),
      vehicles: ['v1', 'v2', 'v3', 'v4'],
    })
    await test.until('every station is reconciled', () => test.edge.control.depot.ready, minutes(2))
    for (const [index, station] of STATIONS.slice(0, 3).entries()) test.plugIn(station, `v${index + 1}`)
    await test.pass(minutes(3))
  })
  afterEach(() => test.stop())

  const offered = () => STATIONS.slice(0, 3).map((station) => test.evse(station).offered_a ?? 0)
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

  it('nothing rises from five seconds on, limits fall to what the worst building load leaves after ten, and all stand at their fallback after sixty', async () => {
    const before = offered()
    expect(sum(before)).toBeGreaterThan(75)
    await test.silenceMeter()
    test.depot.setBuilding(20_000)
    await test.pass(seconds(9))
    expect(test.live().power.quality).toBe('hold')
    for (const [index, limit] of offered().entries()) expect(limit).toBeLessThanOrEqual(before[index] ?? 0)
    expect(sum(offered())).toBeGreaterThan(70)

    await test.pass(seconds(20))
    expect(test.live().power.quality).toBe('reserve')
    expect(sum(offered())).toBeLessThanOrEqual(69)

    await test.pass(seconds(45))
    expect(test.live().power.quality).toBe('static')
    expect(offered()).toEqual([6, 6, 6])
    expect(test.live().incidents.map(({ code }) => code)).toContain('meter.silent')
    expect(test.live().power.age_ms).toBeGreaterThan(60_000)
  })

  it('limits rise again only after five good readings, and the incident resolves', async () => {
    await test.silenceMeter()
    await test.pass(seconds(80))
    expect(offered()).toEqual([6, 6, 6])
    await test.restoreMeter()
    await test.until('a reading comes', () => (test.live().power.age_ms ?? Infinity) < 2000, seconds(60))
    expect(offered()).toEqual([6, 6, 6])
    expect(test.live().power.quality).toBe('hold')
    await test.until('limits rise', () => sum(offered()) > 60, minutes(3))
    expect(test.live().power.quality).toBe('live')
    expect(test.live().incidents).toEqual([])
  })

  it('a station that starts meanwhile gets its fallback and no more, and the connection is never exceeded at the worst building load', async () => {
    await test.silenceMeter()
    await test.pass(seconds(30))
    test.depot.setBuilding(70 * 3 * 215)
    let worst = 0
    test.plugIn('D', 'v4')
    await test.pass(minutes(2), () => {
      worst = Math.max(worst, ...PHASES.map((phase) => test.drawnA('grid')[phase]))
    })
    expect(test.evse('D').offered_a).toBe(6)
    expect(worst).toBeLessThanOrEqual(140)
  })
})
