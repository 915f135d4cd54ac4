import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestDepot } from './test-depot.ts'

const STATIONS = ['A', 'B', 'C']

describe('somebody between us and the site meter', () => {
  let test: TestDepot
  beforeEach(async () => {
    test = await TestDepot.start({
      gridA: 140,
      otherA: 70,
      feeders: [{ id: 'f1', ratingA: 250 }],
      stations: STATIONS.map((id) => ({ id, feeder: 'f1' })),
      vehicles: ['v1', 'v2', 'v3'],
    })
    await test.until('the start-up has passed', () => test.edge.control.depot.ready, minutes(2))
    for (const [index, station] of STATIONS.entries()) test.plugIn(station, `v${index + 1}`)
    await test.pass(minutes(3))
  })
  afterEach(() => test.stop())

  const offered = () => STATIONS.reduce((sum, station) => sum + (test.evse(station).offered_a ?? 0), 0)

  it('S36: who tells of an export of 500 kW raises no limit, and every EVSE falls to its fallback', async () => {
    const before = offered()
    expect(before).toBeGreaterThan(60)
    test.depot.setBuilding(-500_000)
    let most = 0
    await test.pass(minutes(2), () => {
      most = Math.max(most, offered())
    })
    expect(most).toBeLessThanOrEqual(before)
    expect(offered()).toBe(18)
    expect(test.live().power.quality).toBe('static')
    expect(test.live().incidents.map(({ subject }) => subject.id)).toContain('grid-meter')
  })

  it('S37: who repeats old values raises no limit either, and is found out within a minute', async () => {
    const before = offered()
    await test.depot.meter.faults.set({ kind: 'stale' })
    test.depot.setBuilding(15_000)
    let most = 0
    await test.pass(seconds(60), () => {
      most = Math.max(most, offered())
    })
    expect(most).toBeLessThanOrEqual(before)
    expect(['reserve', 'static']).toContain(test.live().power.quality)
    await test.pass(minutes(1))
    expect(offered()).toBe(18)
  })
})
