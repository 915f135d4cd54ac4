import { as, evseKey, type StationId } from '@busbar/model/ids.ts'
import { later, minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { FOUR, fourOnAFeeder, heldA, incidentCodes, offered } from './four-on-a-feeder.ts'
import type { TestDepot } from './test-depot.ts'

let test: TestDepot
afterEach(() => test.stop())

/** Tick, round trip and settle time: a measured overload ends within this. */
const ENDS_WITHIN_S = 10

describe('a station that', () => {
  it('F20 accepts its limit and ignores it is seen, told, held at its rating the second time, and others give way', async () => {
    const of = await fourOnAFeeder(['A', 'B', 'C'])
    test = of.test
    test.depot.station('A').ignoreLimits(true)
    test.plugIn('D', 'v-D')
    await test.pass(minutes(1), of.feeder.look)
    expect(of.feeder.longestOverS).toBeLessThanOrEqual(ENDS_WITHIN_S)
    expect(incidentCodes(test)).toContain('limit.not-obeyed')
    await test.pass(minutes(2), of.feeder.look)
    expect(heldA(test, 'A')).toBeGreaterThanOrEqual(32)
    expect(offered(test, 'B', 'C', 'D')).toBeLessThanOrEqual(99 - 32)
    expect(of.feeder.longestOverS).toBeLessThanOrEqual(ENDS_WITHIN_S)
    expect(of.feeder.unsafeRaises).toBe(0)

    test.depot.station('A').unplug()
    await test.until(
      'the incident is over',
      () => !incidentCodes(test).includes('limit.not-obeyed'),
      minutes(1),
    )
  })

  it('F21 rejects every profile is held at its rating, with an incident, and the feeder is safe', async () => {
    const of = await fourOnAFeeder([], { misbehaving: { A: { rejectsProfiles: 'all' } } })
    test = of.test
    expect(incidentCodes(test)).toContain('limit.fallback-refused')
    for (const id of FOUR) test.plugIn(id, `v-${id}`)
    await test.pass(minutes(3), of.feeder.look)
    expect(test.depot.station('A').charging).toBe(true)
    expect(heldA(test, 'A')).toBeGreaterThanOrEqual(32)
    expect(offered(test, 'B', 'C', 'D')).toBeGreaterThan(50)
    expect(incidentCodes(test)).toContain('limit.refused')
    expect(of.feeder.longestOverS).toBeLessThanOrEqual(ENDS_WITHIN_S)
    expect(of.feeder.committedOverA).toBeLessThanOrEqual(0)
    expect(of.feeder.unsafeRaises).toBe(0)
  })

  it('F21 has lost its fallback and rejects it now starts nothing', async () => {
    const of = await fourOnAFeeder([])
    test = of.test
    await test.cut('A')
    test.depot.station('A').misbehave({ rejectsProfiles: 'all', losesProfiles: true })
    test.depot.station('A').restoreLink()
    await test.until('it is back', () => test.evse('A').online, seconds(40))
    test.plugIn('A', 'v-A')
    await test.pass(minutes(3), of.feeder.look)
    expect(test.depot.station('A').charging).toBe(false)
    expect(of.feeder.mostA).toBe(0)
    expect(of.feeder.committedOverA).toBeLessThanOrEqual(0)
    expect(of.feeder.unsafeRaises).toBe(0)
  })

  it('F21 rejects limits of its transaction keeps its fallback, with an incident, and the feeder is safe', async () => {
    const of = await fourOnAFeeder(['B', 'C', 'D'])
    test = of.test
    test.depot.station('A').misbehave({ rejectsProfiles: 'transaction' })
    test.plugIn('A', 'v-A')
    await test.pass(minutes(2), of.feeder.look)
    expect(test.depot.station('A').offered).toBe(6)
    expect(heldA(test, 'A')).toBe(6)
    expect(incidentCodes(test)).toContain('limit.refused')
    expect(of.feeder.mostA).toBeLessThanOrEqual(100)
    expect(of.feeder.committedOverA).toBeLessThanOrEqual(0)
    expect(of.feeder.unsafeRaises).toBe(0)

    test.depot.station('A').misbehave({ rejectsProfiles: 'none' })
    await test.pass(minutes(2), of.feeder.look)
    expect(test.depot.station('A').offered).toBeGreaterThan(20)
    expect(incidentCodes(test)).not.toContain('limit.refused')
  })

  it('F22 loses its profiles on reconnect gets them again at once, fallback and limit', async () => {
    const of = await fourOnAFeeder()
    test = of.test
    test.depot.station('A').misbehave({ losesProfiles: true })
    for (let n = 0; n < 2; n++) {
      await test.cut('A')
      await test.pass(seconds(20), of.feeder.look)
      test.depot.station('A').restoreLink()
      await test.until('it is back', () => test.evse('A').online, seconds(40))
      await test.pass(seconds(10), of.feeder.look)
      expect(test.depot.station('A').offered).toBe(offered(test, 'A'))
      expect(offered(test, 'A')).toBeLessThan(32)
    }
    await test.pass(minutes(1), of.feeder.look)
    expect(of.feeder.longestOverS).toBeLessThanOrEqual(ENDS_WITHIN_S)
    expect(of.feeder.unsafeRaises).toBe(0)
  })
})

describe('a vehicle that', () => {
  it('F30 takes less from 80 % on gives what it leaves to others within two minutes', async () => {
    const of = await fourOnAFeeder(['B', 'C', 'D'])
    test = of.test
    const vehicle = { socPct: 79.5, taperPct: 80, batteryWh: 100_000 }
    test.plugIn('A', 'v-A', vehicle)
    const share = () => offered(test, 'B', 'C', 'D')
    await test.until('it has its share', () => offered(test, 'A') > 20, minutes(3))
    await test.pass(seconds(30), of.feeder.look)
    const before = share()
    await test.until(
      'it takes less',
      () => Math.max(...test.depot.station('A').read().currentA) < 16,
      minutes(10),
    )
    await test.pass(minutes(2), of.feeder.look)
    expect(share()).toBeGreaterThan(before + 5)
    expect(of.feeder.mostA).toBeLessThanOrEqual(100)
    expect(of.feeder.committedOverA).toBeLessThanOrEqual(0)
  })

  it('F31 does not wake after a pause is offered its limit anew and charges; one that never does is told of', async () => {
    const of = await fourOnAFeeder(['C', 'D'])
    test = of.test
    test.plugIn('A', 'v-A', { wakesAtOffer: 1 })
    test.plugIn('B', 'v-B', { wakesAtOffer: Number.POSITIVE_INFINITY })
    await test.pass(minutes(2), of.feeder.look)
    const draws = (id: string) => Math.max(...test.depot.station(id).read().currentA)
    expect(draws('A')).toBeGreaterThan(10)
    for (const id of ['A', 'B', 'C'])
      test.edge.control.submit({
        type: 'manual-act',
        by: 'Ada',
        act: {
          kind: 'override',
          evse: evseKey(as<StationId>(id), 1),
          how: 'pause',
          limit: null,
          until: later(test.clock.now(), minutes(1)),
          reason: 'shunting',
        },
      })
    await test.until('they are paused', () => offered(test, 'A', 'B', 'C') === 0, minutes(1))
    await test.until('all have a limit again', () => offered(test, 'A') >= 6, minutes(2))
    await test.pass(seconds(50), of.feeder.look)
    expect(draws('A')).toBe(0)
    expect(draws('C')).toBeGreaterThan(6)
    await test.until('A is awake', () => draws('A') > 6, minutes(2))
    await test.until('B is given up', () => incidentCodes(test).includes('vehicle.asleep'), minutes(6))
    const asleep = test.live().incidents.filter(({ code }) => code === 'vehicle.asleep')
    expect(asleep.map(({ subject }) => subject.id)).toEqual(['B/1'])
    test.depot.station('B').unplug()
    await test.until('it is over', () => !incidentCodes(test).includes('vehicle.asleep'), minutes(1))
    expect(of.feeder.mostA).toBeLessThanOrEqual(100)
    expect(of.feeder.committedOverA).toBeLessThanOrEqual(0)
    expect(of.feeder.unsafeRaises).toBe(0)
  }, 60_000)
})
