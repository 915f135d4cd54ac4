import { SeriesView } from '@busbar/contracts/lan-api/series.ts'
import { type PerPhase, PHASES } from '@busbar/units/per-phase.ts'
import { fromIso, type Instant, minutes, seconds, toIso } from '@busbar/units/time.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { MeterWay } from './meter-ways.ts'
import { TestDepot } from './test-depot.ts'

const FEEDERS = [{ id: 'f1', ratingA: 250 }]

let test: TestDepot
afterEach(() => test.stop())

/** The depot with one station and its site meter, when the meter has been believed for a while. */
async function smallDepot(meterWay: MeterWay): Promise<void> {
  test = await TestDepot.start({
    ...{ gridA: 400, otherA: 300, feeders: FEEDERS, meterWay },
    stations: [{ id: 'A', feeder: 'f1' }],
    vehicles: ['v1'],
  })
  await test.until('the meter is live', () => test.live().power.quality === 'live', minutes(2))
}

describe.each<MeterWay>(['rtu-tcp', 'rtu'])('F16 answers that come late and shifted, over %s', (way) => {
  it('no reading shows what did not flow when it says it was measured, and the line is drained', async () => {
    await smallDepot(way)
    const drawn: { readonly at: Instant; readonly a: PerPhase<number> }[] = []
    const read = new Set<string>()
    // Every phase and every second differ, so that a value in the wrong place or of another time is seen.
    const watch = () => {
      const second = Math.round(test.clock.monotonic() / 1000)
      drawn.push({ at: test.clock.now(), a: test.drawnA('grid') })
      test.depot.setBuilding({
        l1: 10_000 + 400 * (second % 40),
        l2: 30_000 + 400 * (second % 40),
        l3: 50_000 + 400 * (second % 40),
      })
      const [meter] = test.live().meters
      if (!meter?.measured_at) return
      const measured = fromIso(meter.measured_at)
      read.add(meter.measured_at)
      const about = drawn.filter(({ at }) => Math.abs(at - measured) <= 2000)
      for (const phase of PHASES) {
        const shown = meter.current_a[phase] ?? Number.NaN
        const true_ = about.map(({ a }) => a[phase])
        expect(shown).toBeGreaterThan(Math.min(...true_) - 1)
        expect(shown).toBeLessThan(Math.max(...true_) + 1)
      }
    }
    await test.pass(seconds(5))
    await test.depot.meter.faults.add({ kind: 'lateReply', delayMs: 200, jitterMs: 1500, rate: 0.3 })
    await test.pass(seconds(90), watch)
    const { timeouts } = test.edge.activity().meters
    // Once it knows how late answers come, the reader waits for them.
    expect(timeouts).toBeGreaterThanOrEqual(2)
    expect(read.size).toBeGreaterThan(10)
    await test.depot.meter.faults.clear()
    await test.pass(seconds(20))
    // What it proved before holds: it is believed after five good readings, however slow the line has been.
    expect(test.live().power.quality).toBe('live')
    const { failures } = test.edge.activity().meters
    read.clear()
    await test.pass(seconds(20), watch)
    expect(read.size).toBeGreaterThanOrEqual(18)
    expect(test.edge.activity().meters.failures).toBe(failures)
  })
})

describe.each<MeterWay>(['tcp', 'rtu'])('F17 a meter over %s that starts anew', (way) => {
  const minutesOf = async (from: Instant, to: Instant) => {
    const query = { source: 'meter:grid-meter', quantity: 'import_wh', resolution: '1min' }
    const range = { from: toIso(from), to: toIso(to) }
    const url = `${test.edge.httpAddress}/api/v1/series?${new URLSearchParams({ ...query, ...range })}`
    const view = SeriesView.parse(await (await fetch(url)).json())
    return view.resolution === 'raw' ? [] : view.points
  }

  it.each([
    ['its register at 0', { kind: 'registerReset' } as const],
    ['its register far ahead', { kind: 'counterJump', byWh: 40_000_000 } as const],
  ])('with %s opens a segment: no minute has negative or giant energy', async (_, fault) => {
    await smallDepot(way)
    test.depot.setBuilding(60_000)
    const from = test.clock.now()
    await test.pass(seconds(90))
    const silent = await test.depot.meter.faults.add({ kind: 'deadUnit', unit: 1 })
    await test.pass(seconds(4))
    await test.depot.meter.faults.end(silent)
    await test.depot.meter.faults.add(fault)
    await test.pass(minutes(3))
    const whole = 60_000
    const start = Math.ceil(from / whole) * whole
    const of = async () => minutesOf(start as Instant, (start + 3 * whole) as Instant)
    await expect.poll(async () => (await of()).length, { timeout: 60_000 }).toBe(3)
    const points = await of()
    for (const { energy_wh } of points) {
      expect(energy_wh ?? 0).toBeGreaterThanOrEqual(0)
      expect(energy_wh ?? 0).toBeLessThanOrEqual(1100)
    }
    expect(points.flatMap(({ marks }) => marks)).toContain('segment')
    expect(points.reduce((sum, { energy_wh }) => sum + (energy_wh ?? 0), 0)).toBeGreaterThan(2000)
    expect(test.live().power.quality).toBe('live')
  })
})

describe.each<MeterWay>(['tcp', 'rtu'])(
  'F18 eight meters on one line over %s, one dead and one late',
  (way) => {
    it('the other six and the site meter keep their rate', async () => {
      const ids = Array.from({ length: 8 }, (_, n) => n + 1)
      test = await TestDepot.start({
        ...{ gridA: 400, otherA: 60, feeders: ids.map((n) => ({ id: `f${n}`, ratingA: 63 })) },
        stations: ids.map((n) => ({ id: `S${n}`, feeder: `f${n}` })),
        feederMeters: {
          ...{ way, profile: 'eastron-sdm630', pollMs: 5000 },
          meters: ids.map((n) => ({ id: `m${n}`, unit: n, feeder: `f${n}` })),
        },
      })
      const others = ['grid-meter', ...[1, 2, 4, 6, 7, 8].map((n) => `m${n}`)]
      const seen = new Map<string, Set<string>>()
      const watch = () => {
        for (const { id, measured_at } of test.live().meters)
          if (measured_at) seen.set(id, (seen.get(id) ?? new Set()).add(measured_at))
      }
      const rate = async () => {
        seen.clear()
        await test.pass(minutes(2), watch)
        return new Map([...seen].map(([id, times]) => [id, times.size]))
      }
      await test.until('all meters are live', () => test.live().meters.every((one) => one.quality === 'live'))
      const before = await rate()
      const line = test.depot.meterLines().get('feeders')
      await line?.faults.add({ kind: 'deadUnit', unit: 3 })
      await line?.faults.add({ kind: 'lateReply', unit: 5, delayMs: 1400 })
      await test.pass(seconds(70))
      const after = await rate()
      for (const id of others) expect(after.get(id)).toBeGreaterThanOrEqual(0.9 * (before.get(id) ?? 0))
      const quality = (id: string) => test.live().meters.find((one) => one.id === id)?.quality ?? 'none'
      expect([quality('m3'), quality('m5')]).toEqual(['static', 'static'])
      for (const id of others) expect(['live', 'hold']).toContain(quality(id))
      expect(line?.counters()).toMatchObject({ overlaps: 0, gapViolations: 0 })
    })
  },
)
