import { as, type IdToken, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { milliseconds, seconds } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { openTransactions } from '../../domain/charging/transaction.ts'
import type { TransactionEvent } from '../../domain/inputs.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 200 })],
  [exampleEvse('A', 'grid'), exampleEvse('A', 'grid', { evse: 2 })],
)

let stage: Stage
const newStage = async (store?: Stage['store']) => {
  const next = new Stage({ clock: new FakeClock(), site, ...(store ? { store } : {}) })
  await next.start()
  await next.join('A')
  return next
}
beforeEach(async () => {
  stage = await newStage()
})

interface Told extends Partial<Omit<TransactionEvent, 'idToken'>> {
  readonly kind: TransactionEvent['kind']
  readonly seqNo: number
  readonly wh?: number
  readonly token?: string
}

/** Sends an event of the transaction `tx` at EVSE 1; only its start names place and token, unless told. */
function say(on: Stage, { wh, token, ...told }: Told) {
  const first = told.kind === 'Started'
  const time = told.time ?? on.time(new Date(on.clock.now()).toISOString())
  const idToken = token ?? (first ? 'TAG-1' : null)
  return on.control.submit({
    type: 'transaction-event',
    station: as<StationId>('A'),
    name: 'tx',
    offline: false,
    evse: first ? 1 : null,
    connector: first ? 1 : null,
    chargingState: null,
    reason: 'Local',
    samples: wh === undefined ? [] : [{ time, registerWh: wattHours(wh) }],
    record: '[2,"1","TransactionEvent",{}]',
    ...told,
    time,
    idToken: idToken === null ? null : as<IdToken>(idToken),
  })
}

const open = (on = stage) => [...on.control.depot.memory.table(openTransactions).values()]
const ends = async (on = stage) => {
  const all = [...(await on.facts('TransactionEnded')), ...(await on.facts('TransactionCorrected'))]
  return all.map(({ transaction, energy_wh }) => ({ transaction, energy_wh }))
}

describe('events in order', () => {
  test('start, carry on and end one transaction', async () => {
    const { outcome } = say(stage, { kind: 'Started', seqNo: 0, wh: 1000 })
    expect(outcome).toEqual({ transaction: '1', status: 'Accepted' })
    expect(open()).toMatchObject([{ evse: 1, idToken: 'TAG-1', vehicle: 'bus-1', meterStartWh: 1000 }])
    say(stage, { kind: 'Updated', seqNo: 1, wh: 1500, chargingState: 'Charging' })
    expect(say(stage, { kind: 'Ended', seqNo: 2, wh: 1800, reason: 'EVDisconnected' }).outcome).toEqual({
      transaction: '1',
      status: null,
    })
    await stage.settle()
    expect(await stage.facts('TransactionNamed')).toEqual([{ transaction: '1', station: 'A', name: 'tx' }])
    expect(await stage.facts('TransactionEnergyRead')).toMatchObject([{ energy_wh: 500 }])
    expect(await stage.facts('TransactionEnded')).toMatchObject([
      { energy_wh: 800, reason: 'EVDisconnected', evse: 1, suspect: null },
    ])
    expect((await stage.facts('ConnectorStatusReported')).at(-1)).toMatchObject({
      status: 'Occupied',
      charging_state: 'Charging',
    })
  })

  test('that are repeated change nothing, also after a restart', async () => {
    const time = stage.time('2026-11-21T18:00:00Z')
    const events: Told[] = [
      { kind: 'Started', seqNo: 0, wh: 1000, time },
      { kind: 'Updated', seqNo: 1, wh: 1500, time },
      { kind: 'Ended', seqNo: 2, wh: 1800, time },
    ]
    for (const event of [...events, ...events]) say(stage, event)
    await stage.settle()
    const before = await stage.history()
    expect(before.filter(({ type }) => type.startsWith('Transaction'))).toHaveLength(4)
    const next = await newStage(stage.store)
    for (const event of events) expect(say(next, event).outcome.transaction).toBe('1')
    await next.settle()
    const after = (await next.history()).filter(({ type }) => type.startsWith('Transaction'))
    expect(after).toHaveLength(4)
  })

  test('E03 a start without a token waits for one, and is not stopped for want of it', async () => {
    say(stage, { kind: 'Started', seqNo: 0, wh: 1000, token: '' })
    await stage.settle()
    expect(open()).toMatchObject([{ authorization: 'Unknown', vehicle: null }])
    expect(stage.said.map(({ command }) => command.kind)).not.toContain('request-stop')
    expect(say(stage, { kind: 'Updated', seqNo: 1, token: 'TAG-2' }).outcome.status).toBe('Accepted')
    expect(open()).toMatchObject([{ authorization: 'Accepted', vehicle: 'bus-2', idToken: 'TAG-2' }])
    await stage.settle()
    expect(await stage.facts('TransactionAuthorized')).toMatchObject([{ transaction: '1', vehicle: 'bus-2' }])
  })

  test('E03 a token that is not welcome is told so, and its transaction stopped', async () => {
    say(stage, { kind: 'Started', seqNo: 0, wh: 1000, token: '' })
    expect(say(stage, { kind: 'Updated', seqNo: 1, token: 'STRANGER' }).outcome.status).toBe('Unknown')
    await stage.settle()
    expect(stage.said.map(({ command }) => command)).toContainEqual({
      kind: 'request-stop',
      transaction: '1',
    })
  })

  test('nothing moves a transaction after its end', async () => {
    say(stage, { kind: 'Started', seqNo: 0, wh: 1000 })
    say(stage, { kind: 'Ended', seqNo: 1, wh: 1800 })
    say(stage, { kind: 'Updated', seqNo: 2, wh: 2500, chargingState: 'Charging' })
    await stage.settle()
    expect(open()).toEqual([])
    expect(await ends()).toEqual([{ transaction: '1', energy_wh: 800 }])
    expect((await stage.facts('ConnectorStatusReported')).at(-1)?.charging_state).not.toBe('Charging')
  })

  test('a name used again after a boot, for a start at another time, is another transaction', async () => {
    say(stage, { kind: 'Started', seqNo: 0, wh: 1000, time: stage.time('2026-11-21T18:00:00Z') })
    say(stage, { kind: 'Ended', seqNo: 1, wh: 1800 })
    const second = say(stage, {
      kind: 'Started',
      seqNo: 0,
      wh: 1800,
      time: stage.time('2026-11-21T20:00:00Z'),
    })
    expect(second.outcome.transaction).toBe('2')
    say(stage, { kind: 'Ended', seqNo: 1, wh: 2000 })
    await stage.settle()
    expect(await ends()).toEqual([
      { transaction: '1', energy_wh: 800 },
      { transaction: '2', energy_wh: 200 },
    ])
  })

  test('signed values are kept word for word', async () => {
    const text = '{"signedMeterData":"AA==","signingMethod":"x","encodingMethod":"OCMF","publicKey":""}'
    const time = stage.time()
    const signed = [{ context: 'Transaction.Begin', text }]
    say(stage, { kind: 'Started', seqNo: 0, samples: [{ time, registerWh: wattHours(1000), signed }], time })
    await stage.settle()
    expect(await stage.facts('SignedMeterValueRead')).toMatchObject([
      { station: 'A', evse: 1, transaction: '1', context: 'Transaction.Begin', signed: text },
    ])
  })
})

describe('E04 an event that comes too early', () => {
  test('is on disk before it is answered, and waits for the one before it', async () => {
    say(stage, { kind: 'Started', seqNo: 0, wh: 1000 })
    const early = say(stage, { kind: 'Ended', seqNo: 2, wh: 1800 })
    await early.durable
    expect(await stage.facts('TransactionEventHeld')).toMatchObject([{ name: 'tx', seq_no: 2 }])
    expect(open()).toHaveLength(1)
    say(stage, { kind: 'Updated', seqNo: 1, wh: 1500 })
    await stage.settle()
    expect(await stage.facts('TransactionEnded')).toMatchObject([{ energy_wh: 800, suspect: null }])
    expect(await stage.facts('TransactionEventApplied')).toMatchObject([{ seq_no: 2 }])
  })

  test('takes its turn after 30 s, and the end says what is missing', async () => {
    say(stage, { kind: 'Started', seqNo: 0, wh: 1000 })
    say(stage, { kind: 'Ended', seqNo: 3, wh: 1800 })
    await stage.pass(seconds(29))
    expect(open()).toHaveLength(1)
    await stage.pass(seconds(2))
    expect(open()).toEqual([])
    expect(await stage.facts('TransactionEnded')).toMatchObject([
      { energy_wh: 800, suspect: '2 of its events did not come' },
    ])
  })

  test('after any number of others tells how many are missing', async () => {
    say(stage, { kind: 'Started', seqNo: 0, wh: 1000 })
    say(stage, { kind: 'Ended', seqNo: 5000, wh: 1800 })
    await stage.pass(seconds(31))
    expect(await stage.facts('TransactionEnded')).toMatchObject([
      { suspect: '4999 of its events did not come' },
    ])
  })

  test('waits on over a restart', async () => {
    say(stage, { kind: 'Started', seqNo: 0, wh: 1000 })
    await say(stage, { kind: 'Ended', seqNo: 2, wh: 1800 }).durable
    const next = await newStage(stage.store)
    expect(open(next)).toHaveLength(1)
    await next.pass(seconds(31))
    expect(open(next)).toEqual([])
    expect(await ends(next)).toEqual([{ transaction: '1', energy_wh: 800 }])
  })

  test('for whom no start ever comes opens a transaction that says so; a start told later completes it', async () => {
    say(stage, { kind: 'Updated', seqNo: 1, wh: 1500, evse: 2 })
    await stage.pass(seconds(31))
    expect(open()).toMatchObject([{ evse: 2, idToken: '', meterStartWh: 1500 }])
    expect((await stage.facts('TransactionStarted'))[0]?.suspect).toContain('its start was not told')
    say(stage, { kind: 'Started', seqNo: 0, wh: 1000 })
    expect(open()).toMatchObject([{ idToken: 'TAG-1', meterStartWh: 1000, vehicle: 'bus-1' }])
    say(stage, { kind: 'Ended', seqNo: 2, wh: 1800 })
    await stage.settle()
    expect(await ends()).toEqual([{ transaction: '1', energy_wh: 800 }])
  })
})

describe('E13 what happened offline', () => {
  test('is booked and does not end what runs now, whatever comes first', async () => {
    const earlier = (stated: string) => ({
      ...stage.time(stated),
      at: (stage.clock.now() - 3_600_000) as TransactionEvent['time']['at'],
    })
    say(stage, { name: 'new', kind: 'Started', seqNo: 0, wh: 1800 })
    say(stage, { name: 'old', kind: 'Started', seqNo: 0, wh: 1000, offline: true, time: earlier('a') })
    expect(stage.control.depot.transactionAt(stage.evse('A').key)?.transaction).toBe('1')
    say(stage, {
      name: 'old',
      kind: 'Ended',
      seqNo: 1,
      wh: 1800,
      offline: true,
      time: earlier('b'),
      chargingState: 'Idle',
    })
    await stage.settle()
    expect(open()).toMatchObject([{ transaction: '1' }])
    expect(await ends()).toEqual([{ transaction: '2', energy_wh: 800 }])
    expect(await stage.facts('ConnectorStatusReported')).not.toContainEqual(
      expect.objectContaining({ charging_state: 'Idle' }),
    )
  })
})

describe('any order', () => {
  const events = (time: TransactionEvent['time']): Told[] => [
    { kind: 'Started', seqNo: 0, wh: 1000, time },
    ...[1, 2, 3, 4].map((seqNo): Told => ({ kind: 'Updated', seqNo, wh: 1000 + seqNo * 100, time })),
    { kind: 'Ended', seqNo: 5, wh: 1800, time, reason: 'EVDisconnected' },
  ]
  /** Which event, and how long until the next message. */
  const step = fc.record({ event: fc.nat({ max: 5 }), pauseS: fc.constantFrom(0, 0, 0, 1, 20, 40) })

  test('of messages, with losses made good and repeats, ends in the same transaction', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
        async (heard, rest) => {
          const on = await newStage()
          const all = events(on.time('2026-11-21T18:00:00Z'))
          for (const { event, pauseS } of [...heard, ...rest.map((event) => ({ event, pauseS: 0 }))]) {
            say(on, all[event] as Told)
            if (pauseS > 0) await on.pass(milliseconds(pauseS * 1000), seconds(5))
          }
          await on.pass(seconds(40), seconds(5))
          const started = (await on.facts('TransactionStarted')).map(({ transaction }) => transaction)
          expect(started).toEqual(['1'])
          expect(open(on)).toEqual([])
          expect((await ends(on)).at(-1)).toEqual({ transaction: '1', energy_wh: 800 })
          const last = [
            ...(await on.facts('TransactionEnded')),
            ...(await on.facts('TransactionCorrected')),
          ].at(-1)
          expect(last).toMatchObject({ meter_stop_wh: 1800, reason: 'EVDisconnected' })
          on.control.stop()
        },
      ),
      { numRuns: 40 },
    )
  })
})

test("S20 the end of another station's transaction ends nothing, is kept, and is noticed", async () => {
  const [grid, own, other] = [
    exampleCircuit('grid', { ratingA: 200 }),
    exampleEvse('A', 'grid'),
    exampleEvse('B', 'grid'),
  ]
  const two = new Stage({ clock: new FakeClock(), site: exampleSite([grid], [own, other]) })
  await two.start()
  await two.join('A')
  await two.join('B')
  say(two, { kind: 'Started', seqNo: 0, wh: 1000 })
  const told = say(two, { kind: 'Ended', seqNo: 1, wh: 9_000_000, station: as<StationId>('B') })
  expect(told.outcome).toEqual({ transaction: null, status: null })
  await two.settle()
  expect(open(two)).toHaveLength(1)
  expect(await two.facts('TransactionEnded')).toEqual([])
  expect(await two.facts('OrphanReported')).toMatchObject([{ station: 'B' }])
  expect(await two.facts('SecurityEventNoticed')).toMatchObject([
    { event: 'foreign-transaction', station: 'B' },
  ])
  say(two, { kind: 'Ended', seqNo: 1, wh: 1500 })
  await two.settle()
  expect(await ends(two)).toEqual([{ transaction: '1', energy_wh: 500 }])
})
