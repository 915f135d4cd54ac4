import { type PerPhase, PHASES } from '@busbar/units/per-phase.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { MeterWay } from './meter-ways.ts'
import { TestDepot } from './test-depot.ts'

const WAYS: readonly MeterWay[] = ['tcp', 'rtu-tcp', 'rtu']
const worstOf = (drawn: PerPhase<number>) => Math.max(...PHASES.map((phase) => drawn[phase]))

describe.each(WAYS)('F11 a meter that answers no more, over %s', (way) => {
  let test: TestDepot
  afterEach(() => test.stop())

  const offered = () => ['A', 'B', 'C'].map((station) => test.evse(station).offered_a ?? 0)

  it('nothing rises from the second missed cycle on, limits fall after ten seconds and stand at their fallback after sixty, until five readings were good', async () => {
    test = await TestDepot.start({
      ...{ gridA: 140, otherA: 70, feeders: [{ id: 'f1', ratingA: 250 }], meterWay: way },
      stations: ['A', 'B', 'C'].map((id) => ({ id, feeder: 'f1' })),
      vehicles: ['v1', 'v2', 'v3'],
    })
    await test.until('every station is reconciled', () => test.edge.control.depot.ready, minutes(2))
    for (const [n, station] of ['A', 'B', 'C'].entries()) test.plugIn(station, `v${n + 1}`)
    await test.until('all charge at will', () => Math.min(...offered()) > 25, minutes(4))
    const before = offered()
    let worst = 0
    const watch = () => {
      worst = Math.max(worst, worstOf(test.drawnA('grid')))
    }
    const fault = await test.depot.meter.faults.add({ kind: 'deadUnit', unit: 1 })
    const since = test.clock.monotonic()
    test.depot.setBuilding(70 * 3 * 215)
    await test.pass(seconds(9), watch)
    expect(test.live().power.quality).toBe('hold')
    for (const [n, limit] of offered().entries()) expect(limit).toBeLessThanOrEqual(before[n] ?? 0)
    await test.pass(seconds(11), watch)
    expect(test.live().power.quality).toBe('reserve')
    await test.pass(seconds(25), watch)
    expect(offered().reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(70)
    await test.pass(seconds(30), watch)
    expect(test.live().power.quality).toBe('static')
    expect(offered()).toEqual([6, 6, 6])
    expect(test.live().power.age_ms).toBeGreaterThan(test.clock.monotonic() - since - 2500)
    expect(test.live().incidents.map(({ code }) => code)).toContain('meter.silent')
    expect(worst).toBeLessThanOrEqual(70 + 3 * 32 + 2)

    test.depot.setBuilding(20_000)
    await test.depot.meter.faults.end(fault)
    await test.until('a reading comes', () => (test.live().power.age_ms ?? Infinity) < 2500, minutes(1))
    expect(offered()).toEqual([6, 6, 6])
    await test.until('limits rise', () => Math.min(...offered()) > 20, minutes(3))
    expect(test.live().power.quality).toBe('live')
    expect(test.live().incidents).toEqual([])
  })
})

describe.each<MeterWay>(['tcp', 'rtu'])(
  'a feeder meter over %s lost with twelve stations charging',
  (way) => {
    let test: TestDepot
    afterEach(() => test.stop())

    it('the feeder stays within its rating throughout, the meter ages on time, and the other feeder goes on', async () => {
      const stations = Array.from({ length: 12 }, (_, n) => ({ id: `S${n + 1}`, feeder: 'f1' }))
      test = await TestDepot.start({
        ...{
          gridA: 600,
          otherA: 60,
          feeders: [
            { id: 'f1', ratingA: 200 },
            { id: 'f2', ratingA: 100 },
          ],
        },
        stations: [...stations, { id: 'T1', feeder: 'f2' }],
        vehicles: [...stations.map(({ id }) => `v-${id}`), 'v-T1'],
        feederMeters: {
          ...{ way, profile: 'janitza-umg', pollMs: 1000 },
          meters: [
            { id: 'm1', unit: 1, feeder: 'f1' },
            { id: 'm2', unit: 2, feeder: 'f2' },
          ],
        },
      })
      const meter = (id: string) => test.live().meters.find((one) => one.id === id)
      await test.until('every station is reconciled', () => test.edge.control.depot.ready, minutes(2))
      let worst = 0
      const watch = () => {
        worst = Math.max(worst, worstOf(test.drawnA('f1')))
      }
      for (const { id } of [...stations, { id: 'T1' }]) test.plugIn(id, `v-${id}`)
      await test.pass(minutes(4), watch)
      expect(worst).toBeGreaterThan(185)
      expect(meter('m1')?.quality).toBe('live')
      expect(meter('m1')?.current_a.l1).toBeCloseTo(test.drawnA('f1').l1, 0)

      const line = test.depot.meterLines().get('feeders')
      await line?.faults.add({ kind: 'deadUnit', unit: 1 })
      const ladder = new Map<string, number>()
      const lost = test.clock.monotonic()
      await test.pass(seconds(75), () => {
        watch()
        const quality = meter('m1')?.quality ?? 'none'
        if (!ladder.has(quality)) ladder.set(quality, test.clock.monotonic() - lost)
        expect(meter('m2')?.quality).toBe('live')
      })
      expect(ladder.get('hold')).toBeLessThanOrEqual(6000)
      expect(ladder.get('reserve')).toBeLessThanOrEqual(12_000)
      expect(ladder.get('static')).toBeLessThanOrEqual(62_000)
      for (const { id } of stations) expect(test.evse(id).offered_a ?? 0).toBeLessThanOrEqual(200 / 12)
      expect(test.evse('T1').offered_a).toBeGreaterThan(25)

      await line?.faults.clear()
      await test.until('the meter is live', () => meter('m1')?.quality === 'live', minutes(2))
      await test.pass(minutes(2), watch)
      expect(test.live().meters.every(({ quality }) => quality === 'live')).toBe(true)
      expect(worst).toBeLessThanOrEqual(200)
    })
  },
)
