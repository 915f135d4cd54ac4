import { as, type TransactionId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { later, minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { openTransactions } from '../../domain/charging/transaction.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage, stageStore } from '../testing/stage.ts'

const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 200 })],
  [exampleEvse('A', 'grid'), exampleEvse('A', 'grid', { evse: 2 }), exampleEvse('B', 'grid')],
)

let stage: Stage
const open = () => [...stage.control.depot.memory.table(openTransactions).keys()]
const id = (n: number) => as<TransactionId>(String(n))

beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('A')
  await stage.join('B')
})

describe('a start', () => {
  test('F24 told twice is one transaction', async () => {
    const time = stage.time()
    const [first, again] = [stage.begin('A', { time }), stage.begin('A', { time })]
    await stage.settle()
    expect(again.outcome).toEqual(first.outcome)
    expect(await stage.facts('TransactionStarted')).toHaveLength(1)
  })

  test('F24 told again after its end, and after a restart, is still that transaction', async () => {
    const time = stage.time()
    const first = stage.begin('A', { time })
    stage.end('A', { transaction: first.outcome.transaction })
    await stage.settle()
    const next = new Stage({ clock: new FakeClock(), site, store: stage.store })
    await next.start()
    expect(next.begin('A', { time }).outcome.transaction).toBe(first.outcome.transaction)
    expect(next.control.depot.memory.table(openTransactions).size).toBe(0)
  })

  test('with a time that cannot be is the same only while it runs', async () => {
    const time = { ...stage.time('1970-01-01T00:00:00Z'), clock: 'estimated' as const }
    const first = stage.begin('A', { time })
    expect(stage.begin('A', { time }).outcome.transaction).toBe(first.outcome.transaction)
    stage.end('A', { transaction: first.outcome.transaction })
    expect(stage.begin('A', { time }).outcome.transaction).not.toBe(first.outcome.transaction)
  })

  test('without any time, repeated later, is the same while it runs', async () => {
    const first = stage.begin('A', { time: stage.time(null) })
    await stage.pass(seconds(30))
    expect(stage.begin('A', { time: stage.time(null) }).outcome.transaction).toBe(first.outcome.transaction)
  })

  test('of a token we do not know is taken down, told so and stopped from our side', async () => {
    const { outcome } = stage.begin('A', { token: 'STRANGER' })
    await stage.settle()
    expect(outcome).toMatchObject({ transaction: '1', status: 'Unknown' })
    expect(stage.said.map(({ command }) => command)).toContainEqual({
      kind: 'request-stop',
      transaction: '1',
    })
    expect(stage.running('A')).toEqual([6])
    expect(open()).toEqual(['1'])
  })

  test('while one is open closes that one as incomplete, with its last register', async () => {
    stage.begin('A')
    stage.draw('A', 10, { registerWh: 2500 })
    stage.draw('A', 10, { registerWh: 2600 })
    stage.begin('A', { meterWh: 2600 })
    await stage.settle()
    expect(open()).toEqual(['2'])
    expect(await stage.facts('TransactionEnded')).toMatchObject([
      { transaction: '1', incomplete: true, meter_stop_wh: 2600, energy_wh: 1600 },
    ])
    expect((await stage.facts('TransactionStarted'))[1]?.suspect).toContain('1')
  })

  test('without a register counts from the first one seen, and says so', async () => {
    stage.begin('A', { meterWh: -1 })
    stage.draw('A', 10, { registerWh: 910_031 })
    stage.end('A', { transaction: id(1), meterStopWh: wattHours(910_114) })
    await stage.settle()
    expect(await stage.facts('TransactionEnded')).toMatchObject([{ energy_wh: 83 }])
    expect((await stage.facts('TransactionStarted'))[0]?.suspect).toContain('register')
  })

  test('gets a number that was never used, also after a restart', async () => {
    stage.begin('A')
    stage.end('A', { transaction: id(1) })
    await stage.settle()
    const next = new Stage({ clock: new FakeClock(), site, store: stage.store })
    await next.start()
    expect(next.begin('A', { meterWh: 9999 }).outcome.transaction).toBe('2')
  })

  test('of another vehicle forgets which conductors the last one used', async () => {
    await stage.charge('B')
    for (let s = 0; s < 40; s++) {
      stage.draw('B', 10, { phases: 1 })
      await stage.pass(seconds(1))
    }
    expect(stage.evse('B').loads).toHaveLength(1)
    stage.end('B', { transaction: id(1) })
    stage.begin('B', { meterWh: 5000, token: 'TAG-2' })
    await stage.pass(seconds(1))
    expect(stage.evse('B').loads).toHaveLength(3)
  })
})

describe('a stop', () => {
  const energy = async () => (await stage.facts('TransactionEnded')).map(({ energy_wh }) => energy_wh)

  test('ends its transaction with the difference of the registers', async () => {
    stage.begin('A')
    stage.end('A', { transaction: id(1) })
    await stage.settle()
    expect(open()).toEqual([])
    expect(await energy()).toEqual([4000])
  })

  test('told twice changes nothing', async () => {
    stage.begin('A')
    stage.end('A', { transaction: id(1) })
    stage.end('A', { transaction: id(1) })
    await stage.settle()
    expect(await energy()).toEqual([4000])
    expect(await stage.facts('OrphanReported')).toEqual([])
  })

  test('told twice with another register changes nothing, and the second is kept', async () => {
    stage.begin('A')
    stage.end('A', { transaction: id(1) })
    stage.end('A', { transaction: id(1), meterStopWh: wattHours(6000) })
    await stage.settle()
    expect(await energy()).toEqual([4000])
    expect(await stage.facts('OrphanReported')).toMatchObject([{ record: '[2,"1","StopTransaction",{}]' }])
  })

  test('of a transaction we do not know is kept whole', async () => {
    stage.end('A', { transaction: id(77) })
    await stage.settle()
    expect(await stage.facts('OrphanReported')).toMatchObject([
      { station: 'A', reason: 'it names no transaction we know' },
    ])
  })

  test('of a transaction we do not know is cut where its message is too long for one fact', async () => {
    stage.end('A', { transaction: id(77), record: '"ö'.repeat(300_000) })
    await stage.settle()
    const [fact] = await stage.facts('OrphanReported')
    expect(fact?.reason).toBe('it names no transaction we know; only its first 32000 bytes are kept')
    expect(fact?.record).toBe(`${'"ö'.repeat(10_666)}"`)
  })

  test("of another station's transaction is kept and not applied", async () => {
    stage.begin('A')
    stage.end('B', { transaction: id(1) })
    await stage.settle()
    expect(open()).toEqual(['1'])
    expect(await stage.facts('OrphanReported')).toMatchObject([
      { reason: 'it names a transaction of station A' },
    ])
  })

  test('that names none is bound to the one that runs at its station', async () => {
    stage.begin('B')
    stage.end('B')
    await stage.settle()
    expect(open()).toEqual([])
  })

  test('that names none where two run is kept', async () => {
    stage.begin('A')
    stage.begin('A', { evse: 2 })
    stage.end('A')
    await stage.settle()
    expect(open()).toEqual(['1', '2'])
    expect(await stage.facts('OrphanReported')).toHaveLength(1)
  })

  test.each([
    ['without a register', null, 2500, 1500, 'no register'],
    ['with a register below the start', 900, 2500, 1500, 'below the start'],
  ])('%s ends it with the last one seen', async (_word, meterStopWh, stopWh, wh, suspect) => {
    stage.begin('A')
    stage.draw('A', 10, { registerWh: 2500 })
    stage.end('A', { transaction: id(1), meterStopWh: meterStopWh === null ? null : wattHours(meterStopWh) })
    await stage.settle()
    const [ended] = await stage.facts('TransactionEnded')
    expect(ended).toMatchObject({ meter_stop_wh: stopWh, energy_wh: wh })
    expect(ended?.suspect).toContain(suspect)
  })

  test('before its start is given the time we heard of it', async () => {
    stage.begin('A')
    const time = { ...stage.time(), at: later(stage.clock.now(), minutes(-5)) }
    await stage.pass(seconds(10))
    stage.end('A', { transaction: id(1), time })
    await stage.settle()
    const [ended] = await stage.facts('TransactionEnded')
    expect(ended?.ended_at).toBe(stage.clock.now())
    expect(ended?.suspect).toContain('before it started')
  })
})

describe('F25 a stop that never comes', () => {
  test('is made up for when the EVSE has been free for five minutes', async () => {
    stage.begin('A')
    stage.draw('A', 10, { registerWh: 2500 })
    await stage.pass(minutes(1))
    stage.status('A', 'Available')
    await stage.pass(minutes(4))
    expect(open()).toEqual(['1'])
    await stage.pass(minutes(2))
    expect(await stage.facts('TransactionEnded')).toMatchObject([
      { transaction: '1', incomplete: true, meter_stop_wh: 2500, energy_wh: 1500 },
    ])
  })

  test('is not made up for by a state from before the start', async () => {
    stage.status('A', 'Available')
    stage.begin('A')
    await stage.pass(minutes(10))
    expect(open()).toEqual(['1'])
  })

  test('is waited for anew after a reconnect, for it may lie in the queue', async () => {
    stage.begin('A')
    await stage.pass(seconds(10))
    stage.status('A', 'Available')
    await stage.pass(minutes(4))
    await stage.leave('A', 1)
    await stage.pass(minutes(10))
    expect(open()).toEqual(['1'])
    await stage.join('A')
    await stage.pass(minutes(4))
    expect(open()).toEqual(['1'])
    await stage.pass(minutes(2))
    expect(open()).toEqual([])
  })

  test('whatever time the station states of its freedom', async () => {
    stage.begin('A')
    await stage.pass(seconds(10))
    stage.control.submit({
      type: 'connector-status',
      station: as('A'),
      evse: 1,
      connector: 1,
      status: 'Available',
      chargingState: null,
      errorCode: null,
      vendorError: null,
      info: null,
      time: { at: later(stage.clock.now(), minutes(-6000)), stated: null, clock: 'estimated' },
    })
    await stage.pass(minutes(4))
    expect(open()).toEqual(['1'])
  })

  test('corrects what was made up when it comes after all, once', async () => {
    stage.begin('A')
    await stage.pass(seconds(10))
    stage.status('A', 'Available')
    await stage.pass(minutes(6))
    stage.end('A', { transaction: id(1) })
    stage.end('A', { transaction: id(1) })
    await stage.settle()
    expect(await stage.facts('TransactionCorrected')).toMatchObject([{ energy_wh: 4000, incomplete: false }])
  })
})

describe('a receipt', () => {
  const state = async (promise: Promise<void>) => {
    let settled = 'waits'
    promise.then(() => (settled = 'stored')).catch(() => (settled = 'refused'))
    await stage.settle()
    return settled
  }

  test('waits for the disk, also that of a repeated message', async () => {
    stage.store.factLog.stall()
    const time = stage.time()
    const [first, again] = [stage.begin('A', { time }), stage.begin('A', { time })]
    expect([await state(first.durable), await state(again.durable)]).toEqual(['waits', 'waits'])
    stage.store.factLog.resume()
    expect([await state(first.durable), await state(again.durable)]).toEqual(['stored', 'stored'])
  })

  test('is refused when the store refuses, and given once the store has taken the facts', async () => {
    stage.store.factLog.fail('disk full')
    const time = stage.time()
    const first = stage.begin('A', { time })
    expect(await state(first.durable)).toBe('refused')
    expect(stage.warnings.get('store.failed')).toContain('disk full')
    expect(await state(stage.begin('A', { time }).durable)).toBe('refused')
    stage.store.factLog.fail(null)
    expect(await state(stage.begin('A', { time }).durable)).toBe('stored')
    expect(await stage.facts('TransactionStarted')).toHaveLength(1)
    expect(stage.warnings.has('store.failed')).toBe(false)
  })

  test('of a later message waits for earlier facts that the store refused', async () => {
    stage.store.factLog.fail('disk full')
    stage.begin('A')
    await stage.settle()
    const stop = stage.end('A', { transaction: id(1) })
    expect(await state(stop.durable)).toBe('refused')
    stage.store.factLog.fail(null)
    await stage.pass(seconds(1))
    const history = (await stage.history()).map(({ type }) => type)
    expect(history.indexOf('TransactionStarted')).toBeLessThan(history.indexOf('TransactionEnded'))
    expect(history.filter((type) => type === 'TransactionEnded')).toHaveLength(1)
  })
})

test('a limit waits for the station to learn its transaction, which waits for the disk', async () => {
  const fresh = new Stage({ clock: new FakeClock(), site, store: stageStore() })
  await fresh.start()
  await fresh.join('A')
  await fresh.pass(seconds(40))
  fresh.store.factLog.stall()
  fresh.begin('A')
  await fresh.pass(seconds(5))
  expect(fresh.running('A')).toEqual([])
  fresh.store.factLog.resume()
  await fresh.pass(seconds(2))
  expect(fresh.running('A')).toEqual([32])
})
