import { SeriesView } from '@busbar/contracts/lan-api/series.ts'
import { SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import { type Instant, later, minutes, seconds, toIso } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestDepot } from './test-depot.ts'

/** Samples reach the disk in real time, after the clock has passed. */
const STORED = { timeout: 60_000 }

describe('the demand window', () => {
  let test: TestDepot
  beforeEach(async () => {
    test = await TestDepot.start({
      gridA: 400,
      limitKw: 250,
      otherA: 200,
      feeders: [{ id: 'f1', ratingA: 250 }],
      stations: [{ id: 'A', feeder: 'f1' }],
      vehicles: ['v1'],
      startMs: Date.UTC(2026, 10, 21, 17, 58),
    })
  })
  afterEach(() => test.stop())

  const get = async (path: string) => (await fetch(`${test.edge.httpAddress}${path}`)).json()
  const demand = async () => {
    const { demand: now } = SiteView.parse(await get('/api/v1/site'))
    if (now === null) throw new Error('no demand window')
    return now
  }
  const minutesOf = async (quantity: string, from: Instant, to: Instant) => {
    const query = {
      source: 'meter:grid-meter',
      quantity,
      from: toIso(from),
      to: toIso(to),
      resolution: '1min',
    }
    const view = SeriesView.parse(await get(`/api/v1/series?${new URLSearchParams(query)}`))
    if (view.resolution === 'raw') throw new Error('asked for minutes')
    return view.points
  }
  const time = (iso: string) => iso.slice(11, 16)

  it('stands on the wall clock, forecasts its end, and stays true to what was drawn when the clock is set back and on', async () => {
    test.depot.setBuilding(90_000)
    await test.until('it is six o’clock', () => test.clock.now() >= Date.UTC(2026, 10, 21, 18), minutes(3))
    expect(await demand()).toMatchObject({ limit_w: 250_000 })
    await test.pass(minutes(3))
    const steady = await demand()
    expect([time(steady.window_start), time(steady.window_end), steady.flagged]).toEqual([
      '18:00',
      '18:15',
      false,
    ])
    expect(steady.so_far_w).toBeGreaterThan(85_000)
    expect(steady.so_far_w).toBeLessThan(95_000)
    expect(steady.forecast_w).toBeCloseTo(steady.so_far_w, -4)
    expect(steady.permitted_w).toBeGreaterThan(250_000)

    await test.pass(seconds(30))
    const six = later(test.clock.now(), seconds(-210))
    const quality = async () =>
      (await minutesOf('power_w', six, later(six, minutes(2)))).map((point) => point.quality)
    await expect.poll(quality, STORED).toEqual(['good', 'good'])
    const before = await minutesOf('power_w', six, later(six, minutes(2)))
    expect(before.map(({ coverage_pct }) => coverage_pct)).toEqual([100, 100])

    test.depot.setBuilding(150_000)
    test.clock.stepWall(minutes(-3))
    await test.pass(minutes(2))
    const back = await demand()
    expect([time(back.window_start), back.flagged]).toEqual(['18:00', true])
    expect(back.so_far_w).toBeGreaterThan(85_000)
    expect(back.so_far_w).toBeLessThan(155_000)
    const marks = async () => (await minutesOf('power_w', six, later(six, minutes(2))))[1]?.marks
    await expect.poll(marks, STORED).toContain('late')
    const after = await minutesOf('power_w', six, later(six, minutes(2)))
    expect(after.map(({ mean }) => mean)).toEqual(before.map(({ mean }) => mean))

    test.clock.stepWall(minutes(26))
    await test.pass(seconds(5))
    const on = await demand()
    expect([time(on.window_start), on.flagged]).toEqual(['18:15', true])
    await test.until(
      'the next window begins',
      () => test.clock.now() >= Date.UTC(2026, 10, 21, 18, 30),
      minutes(5),
    )
    await test.pass(seconds(90))
    const next = await demand()
    expect([time(next.window_start), next.flagged]).toEqual(['18:30', false])
    expect(next.so_far_w).toBeGreaterThan(145_000)
    expect(next.so_far_w).toBeLessThan(155_000)
    const gap = await minutesOf('power_w', later(six, minutes(6)), later(six, minutes(20)))
    expect(gap.filter(({ quality, mean }) => quality === 'none' && mean === null).length).toBeGreaterThan(10)
  })

  it('counts a silent meter’s time at the reserve and says so', async () => {
    test.depot.setBuilding(50_000)
    await test.until('a window begins', () => test.clock.now() >= Date.UTC(2026, 10, 21, 18), minutes(3))
    await test.pass(seconds(60))
    await test.silenceMeter()
    await test.pass(seconds(60))
    const silent = await demand()
    expect(silent.flagged).toBe(true)
    expect(silent.so_far_w).toBeGreaterThan(80_000)
    await test.restoreMeter()
    await test.pass(seconds(15))
    expect((await demand()).flagged).toBe(false)
    expect((await demand()).so_far_w).toBeLessThan(60_000)
  })
})
