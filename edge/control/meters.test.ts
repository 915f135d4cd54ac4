import { as, type MeterId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { Stage } from './testing/stage.ts'

/** A grid of 60 A with a meter, of which other loads may take 30 A, and a feeder without one. */
const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 60, otherA: 30, meter: 'm' }), exampleCircuit('f', { parent: 'grid' })],
  [exampleEvse('A', 'f'), exampleEvse('B', 'f')],
)

let stage: Stage
let building: number
let silent: boolean
const limit = (id: string) => stage.running(id).at(-1)

/** Vehicles draw what their newest limits allow. */
async function drive(s: number, ids: readonly string[] = ['A']): Promise<void> {
  for (let passed = 0; passed < s; passed++) {
    for (const id of ids) stage.draw(id, limit(id) ?? 6)
    await stage.pass(seconds(1))
  }
}

beforeEach(async () => {
  building = 0
  silent = false
  stage = new Stage({ clock: new FakeClock(), site })
  stage.poll('m', () =>
    silent ? null : { a: building + ['A', 'B'].reduce((sum, id) => sum + (limit(id) ?? 0), 0) },
  )
  await stage.start()
  await stage.join('A')
  await stage.join('B')
  await stage.pass(seconds(40))
})

describe('a meter that falls silent', () => {
  test('lets nothing rise from the second missed poll on', async () => {
    building = 44
    await stage.pass(seconds(2))
    await stage.charge('A')
    await drive(20)
    expect(limit('A')).toBe(16)
    building = 0
    await drive(8)
    silent = true
    await drive(25)
    expect(limit('A')).toBeLessThanOrEqual(16)
    expect(stage.control.decision().snapshot.rows[0]?.mayRise).toBe(false)
  })

  test('lets limits fall to what the worst building load leaves after ten seconds', async () => {
    await stage.charge('A')
    await stage.charge('B', 'TAG-2')
    await drive(60, ['A', 'B'])
    expect([limit('A'), limit('B')]).toEqual([30, 30])
    silent = true
    await drive(9, ['A', 'B'])
    expect([limit('A'), limit('B')]).toEqual([30, 30])
    await drive(3, ['A', 'B'])
    expect([limit('A'), limit('B')]).toEqual([15, 15])
  })

  test('sends all to their fallback after a minute, and says so once, more severely', async () => {
    await stage.charge('A')
    await drive(40)
    silent = true
    await drive(65)
    expect(limit('A')).toBe(6)
    const opened = (await stage.facts('IncidentOpened')).filter(({ code }) => code === 'meter.silent')
    expect(opened.map(({ severity }) => severity)).toEqual([2, 1])
    expect((await stage.facts('IncidentResolved')).map(({ code }) => code)).toEqual(['meter.silent'])
    silent = false
    await drive(8)
    expect(stage.control.openIncidents()).not.toContain('meter.silent')
    expect(limit('A')).toBe(6)
    await drive(40)
    expect(limit('A')).toBe(32)
  })

  test('sends a station without a proven fallback to the configured one, not to its rating', async () => {
    const alone = exampleSite(
      [exampleCircuit('grid', { otherA: 30, meter: 'm' })],
      [exampleEvse('A', 'grid')],
    )
    const fresh = new Stage({ clock: new FakeClock(), site: alone })
    fresh.reply = ({ command }) =>
      command.kind === 'set-default-limit' ? { status: 'rejected', reason: 'no' } : { status: 'accepted' }
    await fresh.start()
    await fresh.join('A')
    fresh.begin('A')
    await fresh.pass(minutes(2))
    expect(fresh.running('A').at(-1)).toBe(6)
  })
})

describe('a reading', () => {
  test.each([
    ['that is no number', Number.NaN],
    ['that is endless', Number.POSITIVE_INFINITY],
  ])('%s is no reading of that conductor', async (_word, a) => {
    await stage.charge('A')
    await drive(5)
    const before = stage.control.depot.bases.get('grid/l1')
    stage.control.submit({
      type: 'meter-reading',
      meter: as<MeterId>('m'),
      measuredAt: stage.clock.now(),
      measuredAtMonotonic: stage.clock.monotonic(),
      currentA: { l1: a as never },
    })
    expect(stage.control.depot.bases.get('grid/l1')).toBe(before)
  })

  test('of exported current is a load all the same', async () => {
    stage.poll('m', () => ({ a: -50, w: -34_500 }))
    await stage.pass(seconds(3))
    expect(stage.control.decision().snapshot.rows[0]?.base).toBe(50_000)
  })

  test('of a huge current takes all that can be taken and raises nothing', async () => {
    await stage.charge('A')
    await drive(40)
    stage.poll('m', () => ({ a: 1000 }))
    await stage.pass(seconds(2))
    expect(limit('A')).toBe(0)
  })

  test('that leaves out a conductor lets that one grow old', async () => {
    stage.poll('m', () => null)
    for (let s = 0; s < 4; s++) {
      await stage.pass(seconds(1))
      stage.control.submit({
        type: 'meter-reading',
        meter: as<MeterId>('m'),
        measuredAt: stage.clock.now(),
        measuredAtMonotonic: stage.clock.monotonic(),
        currentA: { l1: 0 as never, l2: 0 as never },
      })
    }
    await stage.pass(seconds(0.5))
    const rises = stage.control
      .decision()
      .snapshot.rows.slice(0, 3)
      .map(({ mayRise }) => mayRise)
    expect(rises).toEqual([true, true, false])
  })

  test('of a second meter on the same circuit moves no base load', async () => {
    const twoMeters = exampleSite(
      [exampleCircuit('grid', { ratingA: 60, otherA: 30, meter: 'm' })],
      [exampleEvse('A', 'grid')],
    )
    const place = twoMeters.meters.get(as<MeterId>('m'))
    if (place === undefined) throw new RangeError('no meter')
    const second = { ...place, id: as<MeterId>('pv'), role: 'der' as const }
    const other = new Stage({
      clock: new FakeClock(),
      site: { ...twoMeters, meters: new Map([...twoMeters.meters, [second.id, second]]) },
    })
    await other.start()
    other.measure('m', { a: 20 })
    other.measure('pv', { a: 1 })
    expect(other.control.depot.bases.get('grid/l1')?.estimate).toBe(20_000)
  })

  test('of an implausible voltage moves no coefficient', async () => {
    const before = stage.control.depot.voltages.bounds
    stage.control.depot.voltages.note({
      meter: as<MeterId>('m'),
      measuredAt: stage.clock.now(),
      measuredAtMonotonic: stage.clock.monotonic(),
      voltageV: { l1: 23 as never, l2: 2300 as never, l3: 230 as never },
    })
    expect(stage.control.depot.voltages.bounds).toEqual(before)
  })
})

describe('the start-up sequence', () => {
  const steps = () =>
    stage.control
      .live()
      .startup.map(({ step, done }) => (done ? null : step))
      .filter(Boolean)

  test('lets nothing rise before the meter was good five times and every station was reconciled', async () => {
    stage = new Stage({ clock: new FakeClock(), site })
    stage.poll('m', () => ({ a: 0 }))
    await stage.start()
    await stage.join('A')
    stage.begin('A')
    await stage.pass(seconds(2))
    expect(steps()).toEqual(['meter', 'stations'])
    await stage.pass(seconds(4))
    expect(steps()).toEqual(['stations'])
    expect(stage.running('A').filter((a) => a > 6)).toEqual([])
    await stage.join('B')
    await stage.pass(seconds(1))
    expect(steps()).toEqual([])
    await stage.pass(seconds(40))
    expect(limit('A')).toBeGreaterThan(6)
  })

  test('goes on without a station that stays away, which is held', async () => {
    stage = new Stage({ clock: new FakeClock(), site })
    stage.poll('m', () => ({ a: 0 }))
    await stage.start()
    await stage.join('A')
    await stage.pass(seconds(9))
    expect(stage.control.depot.ready).toBe(false)
    await stage.pass(seconds(3))
    expect(stage.control.depot.ready).toBe(true)
    expect(stage.evse('B').hold).toBe(32_000)
  })

  test('goes on without a meter that stays silent, whose circuits do not rise', async () => {
    stage = new Stage({ clock: new FakeClock(), site })
    await stage.start()
    await stage.join('A')
    await stage.join('B')
    await stage.charge('A')
    await stage.pass(seconds(30))
    expect(stage.control.depot.ready).toBe(true)
    expect(limit('A') ?? 6).toBeLessThanOrEqual(6)
  })

  test('lets nothing rise while the store refuses facts', async () => {
    await stage.pass(seconds(30))
    stage.store.factLog.fail('disk full')
    stage.begin('A')
    await stage.pass(seconds(5))
    expect(limit('A') ?? 6).toBeLessThanOrEqual(6)
    expect(stage.control.decision().snapshot.mayRise).toBe(false)
  })
})

describe('after a restart', () => {
  async function restarted(later = 0): Promise<Stage> {
    const clock = new FakeClock(Date.UTC(2026, 10, 21, 19) + later)
    const next = new Stage({ clock, site, store: stage.store })
    next.poll('m', () => ({ a: 0 }))
    await next.start()
    return next
  }

  test('a station counts at every limit it may still obey, until its lease has surely ended', async () => {
    await stage.charge('A')
    await drive(40)
    const next = await restarted()
    await next.pass(seconds(5))
    expect(next.evse('A').hold).toBe(32_000)
    await next.pass(minutes(5))
    expect(next.evse('A').hold).toBe(32_000)
    await next.pass(seconds(70))
    expect(next.evse('A').hold).toBe(6000)
  })

  test('whatever the wall clock says of how long it took', async () => {
    await stage.charge('A')
    await drive(40)
    const next = await restarted(3_600_000_000)
    await next.pass(seconds(5))
    expect(next.evse('A').hold).toBe(32_000)
  })

  test('a limit sent before, of which no answer is known, counts', async () => {
    await stage.charge('A')
    stage.reply = () => null
    await stage.pass(seconds(40))
    const next = await restarted()
    await next.pass(seconds(2))
    expect(next.evse('A').hold).toBe(32_000)
  })

  test('a station that may have been authorised counts until it tells its state', async () => {
    const next = await restarted()
    await next.pass(minutes(3))
    expect(next.evse('B').hold).toBe(6000)
    await next.join('B')
    await next.pass(seconds(30))
    expect(next.evse('B').hold).toBe(0)
  })

  test('the transaction goes on, and its limit is sent again', async () => {
    const transaction = await stage.charge('A')
    await drive(40)
    const next = await restarted()
    await next.connect('A')
    next.boot('A')
    await next.settle()
    const [fallback, limitAgain] = next.said.map(({ command }) => command)
    expect(fallback?.kind).toBe('set-default-limit')
    // The meter is not live yet: its worst case and what B may have been authorised for leave this much.
    expect(limitAgain).toMatchObject({ kind: 'set-transaction-limit', transaction, limit: { limit_a: 24 } })
  })
})
