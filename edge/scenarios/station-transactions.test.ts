import { as, type StationId } from '@busbar/model/ids.ts'
import { fromIso, minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { knownTransactions, openTransactions } from '../domain/charging/transaction.ts'
import { FeederWatch } from './feeder-watch.ts'
import { FEEDER_A, fourOnAFeeder, heldA, offered } from './four-on-a-feeder.ts'
import type { TestDepot } from './test-depot.ts'

let test: TestDepot
afterEach(() => test.stop())

const ofStation = async (station: string) =>
  (await test.transactions()).filter((transaction) => transaction.station === station)
const open = () => [...test.edge.control.depot.memory.table(openTransactions).values()]
const registerOf = (station: string) => test.depot.station(station).read().registerWh
/** How the first transaction of a station that is over ended. */
const endOf = (station: string) =>
  test.edge.control.depot.memory
    .table(knownTransactions)
    .get(as<StationId>(station))
    ?.find(({ end }) => end !== null)?.end

/** What every station that obeys leaves of its feeder: nothing flows, is committed or rises beyond it. */
function safe(feeder: FeederWatch, ratingA = FEEDER_A): void {
  expect(feeder.mostA).toBeLessThanOrEqual(ratingA)
  expect(feeder.committedOverA).toBeLessThanOrEqual(0)
  expect(feeder.unsafeRaises).toBe(0)
}

describe('a station that', () => {
  it('F23 reboots in a transaction, which ends with its power, has it closed with its own register and starts anew', async () => {
    const of = await fourOnAFeeder()
    test = of.test
    const [before] = await ofStation('A')
    test.depot.station('A').reboot()
    await test.pass(minutes(3), of.feeder.look)
    const all = await ofStation('A')
    const closed = all.find(({ transaction }) => transaction === before?.transaction)
    expect(all).toHaveLength(2)
    expect(closed?.reason).toBe('PowerLoss')
    expect(endOf('A')?.incomplete).toBe(false)
    const stop = test.depot.receipts().find(({ station, kind }) => station === 'A' && kind === 'stop')
    expect(endOf('A')?.meterStopWh).toBe(stop?.meterWh)
    expect(offered(test, 'A')).toBeGreaterThan(6)
    expect(test.depot.station('A').offered).toBe(offered(test, 'A'))
    expect(of.feeder.mostA).toBeLessThanOrEqual(100)
    expect(of.feeder.committedOverA).toBeLessThanOrEqual(0)
    expect(of.feeder.unsafeRaises).toBe(0)
  })

  it('F23 reboots in a transaction that goes on keeps it, and gets its limit again', async () => {
    const of = await fourOnAFeeder()
    test = of.test
    test.depot.station('A').misbehave({ keepsTransaction: true, losesProfiles: true })
    test.depot.station('A').reboot()
    await test.until('it is away', () => !test.evse('A').online, seconds(10))
    await test.until('it is back', () => test.evse('A').online, seconds(60))
    await test.pass(seconds(20), of.feeder.look)
    expect(await ofStation('A')).toHaveLength(1)
    expect(open().some(({ station }) => station === 'A')).toBe(true)
    expect(test.depot.station('A').offered).toBe(offered(test, 'A'))
    expect(of.feeder.longestOverS).toBeLessThanOrEqual(10)
    expect(of.feeder.committedOverA).toBeLessThanOrEqual(0)
    expect(of.feeder.unsafeRaises).toBe(0)
  })

  it('F24 tells its start twice has one transaction', async () => {
    const of = await fourOnAFeeder([])
    test = of.test
    test.depot.station('A').misbehave({ startsTwice: true })
    test.plugIn('A', 'v-A')
    await test.pass(minutes(1), of.feeder.look)
    test.depot.station('A').unplug()
    await test.pass(seconds(10), of.feeder.look)
    const receipts = test.depot.receipts().filter(({ station, kind }) => station === 'A' && kind === 'start')
    expect(receipts).toHaveLength(2)
    expect(new Set(receipts.map(({ transactionId }) => transactionId)).size).toBe(1)
    expect(await ofStation('A')).toHaveLength(1)
    expect(open()).toEqual([])
    safe(of.feeder)
  })

  it('F25 never tells its stop has its transaction closed as incomplete with the last register', async () => {
    const of = await fourOnAFeeder(['A'])
    test = of.test
    test.depot.station('A').misbehave({ losesStops: true })
    test.depot.station('A').unplug()
    await test.pass(minutes(4), of.feeder.look)
    expect(open()).toHaveLength(1)
    await test.pass(minutes(2), of.feeder.look)
    expect(open()).toEqual([])
    expect(endOf('A')?.incomplete).toBe(true)
    const last = test.depot.receipts().findLast(({ station, kind }) => station === 'A' && kind === 'values')
    expect(endOf('A')?.meterStopWh).toBe(last?.meterWh)
    expect(heldA(test, 'A')).toBe(0)
    safe(of.feeder)
  })

  it('F26 tells its stop before its start has one transaction, with both its registers', async () => {
    const of = await fourOnAFeeder([])
    test = of.test
    test.depot.station('A').misbehave({ stopsFirst: true })
    const startWh = registerOf('A')
    test.plugIn('A', 'v-A')
    await test.pass(minutes(3), of.feeder.look)
    expect(heldA(test, 'A')).toBeGreaterThanOrEqual(6)
    test.depot.station('A').unplug()
    const stopWh = registerOf('A')
    await test.pass(seconds(10), of.feeder.look)
    expect(stopWh).toBeGreaterThan(startWh)
    expect(await ofStation('A')).toMatchObject([{ energy_wh: stopWh - startWh }])
    expect(endOf('A')).toMatchObject({ meterStopWh: stopWh, incomplete: false })
    expect(open()).toEqual([])
    expect(of.feeder.mostA).toBeLessThanOrEqual(100)
  })

  it('F27 was offline tells 500 messages in their order: no energy is lost, and none counts as the present', async () => {
    const stations = ['A', 'B', 'C', 'D'].map((id) => ({
      id,
      feeder: 'f1',
      meterIntervalS: id === 'A' ? 1 : 5,
    }))
    const of = await fourOnAFeeder(['A', 'B', 'C', 'D'], { stations })
    test = of.test
    await test.cut('A')
    await test.pass(minutes(9), of.feeder.look)
    expect(test.depot.station('A').queued).toBeGreaterThan(500)
    const frozen = heldA(test, 'A')
    expect(frozen).toBe(6)
    test.depot.station('A').restoreLink()
    await test.until(
      'the queue is told',
      () => test.evse('A').online && test.depot.station('A').queued === 0,
      minutes(3),
    )
    await test.pass(minutes(1), of.feeder.look)
    const told = test.depot.receipts().filter(({ station }) => station === 'A')
    const times = told.map(({ timestamp }) => fromIso(timestamp))
    expect(times).toEqual([...times].sort((a, b) => a - b))
    test.depot.station('A').unplug()
    await test.pass(seconds(10))
    const [closed] = await ofStation('A')
    const start = told.find(({ kind }) => kind === 'start')
    expect(closed?.energy_wh).toBe(registerOf('A') - (start?.meterWh ?? 0))
    expect(of.feeder.mostA).toBeLessThanOrEqual(100)
    expect(of.feeder.unsafeRaises).toBe(0)
  }, 60_000)

  it.each([
    ['stands in 1970', 'epoch' as const],
    ['is a day ahead', 86_400_000],
  ])(
    'F28 has a clock that %s is booked by the time of receipt, as an estimate, and steered',
    async (_how, clock) => {
      const of = await fourOnAFeeder([], { misbehaving: { A: { clock } } })
      test = of.test
      const from = test.clock.now()
      test.plugIn('A', 'v-A')
      await test.pass(minutes(3), of.feeder.look)
      expect(offered(test, 'A')).toBeGreaterThan(25)
      test.depot.station('A').unplug()
      await test.pass(seconds(10), of.feeder.look)
      const [closed] = await ofStation('A')
      expect(fromIso(closed?.started_at ?? '')).toBeGreaterThanOrEqual(from)
      expect(fromIso(closed?.ended_at ?? '')).toBeLessThanOrEqual(test.clock.now())
      expect(closed?.energy_wh).toBeGreaterThan(0)
      safe(of.feeder)
    },
  )

  it.each(['missing', 'jumps'] as const)(
    'F29 tells a state of charge that is %s has it estimated, and marked so',
    async (soc) => {
      const of = await fourOnAFeeder([], {
        feeders: [{ id: 'f1', ratingA: 200 }],
        stations: [{ id: 'A', feeder: 'f1', dcKw: 60 }],
      })
      test = of.test
      const feeder = new FeederWatch(test, 'f1', 200)
      test.plugIn('A', 'v-A', { socPct: 30, maxDcW: 60_000 })
      await test.pass(minutes(2), feeder.look)
      const evse = () => test.evse('A')
      expect(evse().soc_estimated).toBe(false)
      test.depot.station('A').misbehave({ soc })
      let marked = 0
      await test.pass(minutes(10), () => {
        feeder.look()
        const true_ = test.depot.station('A').vehicle?.socPct ?? 0
        expect(Math.abs((evse().soc_pct ?? 0) - true_)).toBeLessThan(2)
        if (evse().soc_estimated) marked++
      })
      expect(marked).toBeGreaterThan(60)
      test.depot.station('A').misbehave({ soc: 'sound' })
      await test.pass(seconds(15), feeder.look)
      expect(evse().soc_estimated).toBe(false)
      safe(feeder, 200)
    },
  )
})
