import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, percent } from '@busbar/units/electricity.ts'
import { instant, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { GOOD, Stage } from './testing/stage.ts'

/** Room for one station at its rating and another at its fallback. */
const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 40, otherA: 0, meter: 'm' })],
  ['A', 'B'].map((id) => exampleEvse(id, 'grid')),
)
const UNPROVEN = { ...GOOD, provenToObey: false }

let stage: Stage
const building = { a: 0 }

const hold = () => stage.evse('A').hold

/** A sample that A took some time ago by its own clock, which is `aheadMs` ahead of ours. */
function queued(a: number, agoMs: number, aheadMs = 0): void {
  const at = instant(stage.clock.now() - agoMs + aheadMs)
  stage.draw('A', a, { time: { at, stated: new Date(at).toISOString(), clock: 'synced' } })
}

beforeEach(async () => {
  building.a = 0
  stage = new Stage({ clock: new FakeClock(), site })
  stage.poll('m', () => ({ a: building.a }))
  await stage.start(UNPROVEN)
  for (const id of ['A', 'B']) await stage.join(id, UNPROVEN)
  await stage.pass(seconds(40))
  await stage.charge('A')
  await stage.pass(seconds(2))
  expect(hold()).toBe(32_000)
  building.a = 62
  await stage.pass(seconds(1))
  building.a = 38
  await stage.pass(seconds(1))
  expect(stage.running('A').at(-1)).toBeLessThanOrEqual(10)
})

describe('a lower limit is proven by samples', () => {
  test('that the station took after it had accepted the limit', async () => {
    await stage.pass(seconds(5))
    queued(6, 0)
    await stage.pass(seconds(2))
    queued(6, 0)
    await stage.pass(seconds(1))
    expect(hold()).toBeLessThanOrEqual(10_000)
  })

  test('not by those it took before and told later', async () => {
    await stage.pass(seconds(5))
    for (let n = 0; n < 4; n++) queued(6, 30_000)
    await stage.pass(seconds(1))
    expect(hold()).toBe(32_000)
  })

  test('not by those it took before and told with something newer', async () => {
    await stage.pass(seconds(5))
    for (let n = 0; n < 4; n++) {
      const times = [30_000, 0].map((ago) => instant(stage.clock.now() - ago))
      const [before, now] = times.map((at) => ({ at, stated: null, clock: 'synced' as const }))
      if (before === undefined || now === undefined) throw new RangeError('no times')
      const six = { l1: amps(6), l2: amps(6), l3: amps(6) }
      stage.control.submit({
        type: 'meter-values',
        station: as<StationId>('A'),
        evse: 1,
        transaction: null,
        samples: [
          { time: before, currentA: six },
          { time: now, socPct: percent(50) },
        ],
      })
    }
    await stage.pass(seconds(1))
    expect(hold()).toBe(32_000)
  })

  test('not by those of a clock ahead of ours that it took before, once that clock has been seen', async () => {
    queued(6, 0, 40_000)
    await stage.pass(seconds(5))
    for (let n = 0; n < 4; n++) queued(6, 30_000, 40_000)
    await stage.pass(seconds(1))
    expect(hold()).toBe(32_000)
  })

  test('and one from before it was proven is no draw above it', async () => {
    await stage.pass(seconds(5))
    for (let n = 0; n < 2; n++) {
      queued(6, 0)
      await stage.pass(seconds(2))
    }
    expect(hold()).toBeLessThanOrEqual(10_000)
    queued(31, 20_000)
    await stage.pass(seconds(1))
    expect(hold()).toBeLessThanOrEqual(10_000)
    queued(31, 0)
    await stage.pass(seconds(1))
    expect(hold()).toBeGreaterThanOrEqual(31_000)
  })

  test('without a usable time only once its queue is surely empty', async () => {
    const unclear = () =>
      stage.draw('A', 6, { time: { at: stage.clock.now(), stated: null, clock: 'estimated' } })
    for (let s = 0; s < 30; s += 2) {
      unclear()
      await stage.pass(seconds(2))
    }
    expect(hold()).toBe(32_000)
    for (let s = 0; s < 120 && hold() > 10_000; s += 2) {
      unclear()
      await stage.pass(seconds(2))
    }
    expect(hold()).toBeLessThanOrEqual(10_000)
  })
})
