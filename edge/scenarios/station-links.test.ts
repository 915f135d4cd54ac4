import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { FeederWatch } from './feeder-watch.ts'
import { fourOnAFeeder, heldA, incidentCodes, offered } from './four-on-a-feeder.ts'
import { TestDepot } from './test-depot.ts'

let test: TestDepot
afterEach(() => test.stop())

const safe = (feeder: { mostA: number; committedOverA: number; unsafeRaises: number }) => {
  expect(feeder.mostA).toBeLessThanOrEqual(100)
  expect(feeder.committedOverA).toBeLessThanOrEqual(0)
  expect(feeder.unsafeRaises).toBe(0)
}

describe('a station whose connection', () => {
  it('F07 drops is offline at once, counted at its limit, and shared around within five seconds', async () => {
    const of = await fourOnAFeeder()
    test = of.test
    const limit = offered(test, 'A')
    expect(limit).toBeGreaterThan(10)
    test.depot.station('A').cutLink()
    await test.pass(seconds(5), of.feeder.look)
    expect(test.evse('A').online).toBe(false)
    expect(heldA(test, 'A')).toBeGreaterThanOrEqual(limit)
    expect(offered(test, 'B', 'C', 'D')).toBeLessThanOrEqual(99 - limit)
    await test.pass(minutes(7), of.feeder.look)
    expect(heldA(test, 'A')).toBe(6)
    expect(offered(test, 'B', 'C', 'D')).toBeGreaterThan(88)
    safe(of.feeder)
  })

  it('F08 is half open is lost after two missed pings and counted likewise', async () => {
    const of = await fourOnAFeeder()
    test = of.test
    const limit = offered(test, 'A')
    test.depot.station('A').cutLink('silent')
    await test.until('the loss is seen', () => !test.evse('A').online, seconds(61))
    of.feeder.look()
    expect(heldA(test, 'A')).toBeGreaterThanOrEqual(limit)
    await test.pass(minutes(2), of.feeder.look)
    expect(offered(test, 'B', 'C', 'D')).toBeLessThanOrEqual(99 - limit)
    expect(incidentCodes(test)).toContain('station.offline')
    safe(of.feeder)
  })

  it('F09 comes and goes every five seconds is held like a lost one, with one incident, until it has been steady', async () => {
    const of = await fourOnAFeeder()
    test = of.test
    const limit = offered(test, 'A')
    test.depot.station('A').flap(seconds(5))
    await test.pass(seconds(40), of.feeder.look)
    const opened = new Set<string>()
    await test.pass(minutes(2), () => {
      of.feeder.look()
      for (const { code, id } of test.live().incidents) if (code.startsWith('station.')) opened.add(id)
      expect(heldA(test, 'A')).toBeGreaterThanOrEqual(limit)
      const own = test.edge.control.decision().snapshot.evses.find(({ key }) => key === 'A/1')
      expect(own?.steerable).toBe(false)
    })
    expect(incidentCodes(test)).toContain('station.flapping')
    expect(opened.size).toBe(1)

    test.depot.station('A').flap(null)
    test.depot.station('A').restoreLink()
    await test.until(
      'it is steered again',
      () => test.evse('A').online && !incidentCodes(test).includes('station.flapping'),
      minutes(4),
    )
    await test.pass(minutes(2), of.feeder.look)
    expect(offered(test, 'A')).toBeGreaterThan(20)
    safe(of.feeder)
  })
})

describe('two hundred stations', () => {
  it('F10 that all connect at once have booted within a minute, and keep their limits', async () => {
    const ids = Array.from({ length: 200 }, (_, n) => `S${n}`)
    const charging = ids.slice(0, 20)
    test = await TestDepot.start({
      gridA: 1600,
      otherA: 60,
      feeders: [{ id: 'f1', ratingA: 1300 }],
      stations: ids.map((id) => ({ id, feeder: 'f1', boots: true })),
      vehicles: charging.map((id) => `v-${id}`),
    })
    await test.until('every station is reconciled', () => test.edge.control.depot.ready, minutes(2))
    for (const station of charging) test.plugIn(station, `v-${station}`)
    await test.until('all charge', () => offered(test, ...charging) > 100, minutes(2))
    const before = charging.map((id) => test.depot.station(id).offered)
    const feeder = new FeederWatch(test, 'f1', 1300)

    await test.settle()
    for (const id of ids) test.depot.station(id).cutLink()
    await test.pass(seconds(2), feeder.look)
    expect(test.live().evses.filter(({ online }) => online)).toEqual([])
    for (const id of ids) test.depot.station(id).restoreLink()
    await test.pass(seconds(60), feeder.look)
    const { links } = test.edge.control.depot
    expect([...links.values()].filter(({ booted, reconciled }) => booted && reconciled)).toHaveLength(200)
    charging.forEach((id, index) => {
      expect(test.depot.station(id).offered).toBeGreaterThanOrEqual(before[index] ?? 6)
      expect(test.evse(id).offered_a).toBe(test.depot.station(id).offered)
    })
    expect(feeder.mostA).toBeLessThanOrEqual(1300)
    expect(feeder.committedOverA).toBeLessThanOrEqual(0)
    expect(feeder.unsafeRaises).toBe(0)
  }, 120_000)
})
