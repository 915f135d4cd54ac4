import { as, type IdToken, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, wattHours, watts } from '@busbar/units/electricity.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StationAnswer } from '../../../domain/commands.ts'
import type { Input, InputOf } from '../../../domain/inputs.ts'
import type { QuirkValues } from '../../../profiles/quirk-values.ts'
import { QuirkSet } from './quirk-set.ts'

const station = as<StationId>('CP1')
const OWN = 'STATION-OWN'

let clock: FakeClock
let quirks: QuirkSet
/** What the depot was told past the station's own messages. */
let told: Input[]
let running: Map<number, TransactionId>
beforeEach(() => {
  clock = new FakeClock()
  told = []
  running = new Map()
})

function withQuirks(values: QuirkValues): void {
  quirks = new QuirkSet({
    ...{ station, clock, timeZone: 'UTC', phases: () => 3 },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    runningAt: (evse) => running.get(evse) ?? null,
    submit: (input) => {
      told.push(input as unknown as Input)
      return { outcome: undefined as never, durable: Promise.resolve() }
    },
    ask: () =>
      Promise.resolve({ status: 'accepted', variables: [{ name: 'Key', value: OWN, readonly: false }] }),
  })
  quirks.set(values)
}

const mean = <T extends Input['type']>(input: InputOf<T>): InputOf<T> =>
  quirks.mean(input as unknown as Input) as unknown as InputOf<T>
const time = (stated: string | null = new Date(clock.now()).toISOString()) =>
  ({ at: clock.now(), stated, clock: 'synced' }) as const
function start(evse: number, of: { token?: string; wh?: number; stated?: string } = {}) {
  const { token = 'TAG', wh = 0, stated } = of
  const input = mean<'transaction-started'>({
    ...{ type: 'transaction-started', station, evse, connector: evse, idToken: as<IdToken>(token) },
    ...{ meterStartWh: wattHours(wh), time: time(stated) },
  })
  running.set(evse, as<TransactionId>(`${evse}`))
  return input
}
function stop(evse: number, of: { token?: string; wh?: number; reason?: string } = {}) {
  const { token = 'TAG', wh = 0, reason = 'Local' } = of
  const input = mean<'transaction-ended'>({
    ...{ type: 'transaction-ended', station, transaction: as<TransactionId>(`${evse}`), record: '' },
    ...{ meterStopWh: wattHours(wh), idToken: as<IdToken>(token), reason, samples: [], time: time() },
  })
  running.delete(evse)
  return input
}
function values(evse: number, wh: number) {
  const sample = { time: time(), registerWh: wattHours(wh), powerW: watts(7000), currentA: { l1: amps(30) } }
  return mean<'meter-values'>({ type: 'meter-values', station, evse, transaction: null, samples: [sample] })
    .samples[0]
}
const status = (evse: number, word: 'Available' | 'Occupied', chargingState: 'Charging' | null = null) =>
  mean<'connector-status'>({
    ...{ type: 'connector-status', station, evse, connector: 1, status: word, chargingState },
    ...{ errorCode: null, vendorError: null, info: null, time: time() },
  })

test('meter.late-values-s: a stop at one EVSE leaves what the other draws', () => {
  withQuirks({ 'meter.late-values-s': 60 })
  start(1)
  start(2)
  stop(1)
  expect(values(1, 10)).not.toHaveProperty('powerW')
  expect(values(2, 10)).toMatchObject({ powerW: 7000, currentA: { l1: 30 } })
})

test('meter.late-values-s: a start at one EVSE makes no present of the late values of the other', () => {
  withQuirks({ 'meter.late-values-s': 60 })
  start(1)
  stop(1)
  start(2)
  expect(values(1, 10)).not.toHaveProperty('powerW')
})

test('meter.register-max: registers of two EVSEs far apart are no wraps of one', () => {
  withQuirks({ 'meter.register-max': 1000 })
  start(1, { wh: 900 })
  start(2, { wh: 100 })
  expect(values(1, 950)?.registerWh).toBe(950)
  expect(values(2, 150)?.registerWh).toBe(150)
  expect(values(1, 20)?.registerWh).toBe(1020)
  expect(stop(2, { wh: 200 }).meterStopWh).toBe(200)
  expect(stop(1, { wh: 40 }).meterStopWh).toBe(1040)
})

test('meter.power from-energy: each EVSE has the power of its own register', () => {
  withQuirks({ 'meter.power': 'from-energy' })
  values(1, 1000)
  values(2, 50_000)
  clock.advance(minutes(6))
  expect(values(1, 1100)?.powerW).toBe(1000)
  expect(values(2, 50_200)?.powerW).toBe(2000)
})

describe('status.available-while-plugged', () => {
  beforeEach(() => withQuirks({ 'status.available-while-plugged': true }))

  test('a stop at one EVSE says nothing of the vehicle at the other', () => {
    start(1)
    start(2)
    stop(1)
    expect(status(2, 'Available')).toMatchObject({ status: 'Occupied' })
    expect(status(1, 'Available')).toMatchObject({ status: 'Occupied' })
    stop(2, { reason: 'EVDisconnected' })
    expect(told).toMatchObject([{ type: 'connector-status', evse: 2, status: 'Available' }])
  })

  test('an EVSE at which nothing ran is free when it says so, whatever has ended beside it', () => {
    start(1)
    stop(1)
    expect(status(2, 'Available')).toMatchObject({ status: 'Available' })
  })
})

describe('transaction.infer-start', () => {
  beforeEach(() => withQuirks({ 'transaction.infer-start': true }))
  const sendStart = (evse: number, token: string) =>
    quirks.send(
      { kind: 'request-start', evse, idToken: as<IdToken>(token) },
      () => Promise.resolve({ status: 'accepted' }),
      { priority: 'operator', deadline: seconds(30) },
    )

  test('a stop at one EVSE leaves what was seen of the other', () => {
    start(1)
    status(2, 'Occupied', 'Charging')
    values(2, 100)
    stop(1)
    values(2, 120)
    expect(told).toMatchObject([{ type: 'transaction-started', evse: 2, meterStartWh: 100 }])
  })

  test('each start is for the token that was asked for at its own EVSE', async () => {
    await sendStart(1, 'TAG-1')
    await sendStart(2, 'TAG-2')
    for (const evse of [1, 2]) {
      status(evse, 'Occupied', 'Charging')
      values(evse, 100)
      values(evse, 120)
    }
    expect(told).toMatchObject([
      { evse: 1, idToken: 'TAG-1' },
      { evse: 2, idToken: 'TAG-2' },
    ])
  })
})

describe('id-token.from-key', () => {
  beforeEach(async () => {
    withQuirks({ 'id-token.from-key': 'Key' })
    quirks.booted()
    await Promise.resolve().then(() => undefined)
  })
  const ask = (evse: number, token: string, answer: StationAnswer = { status: 'accepted' }) =>
    quirks.send(
      { kind: 'request-start', evse, idToken: as<IdToken>(token) },
      ({ ...sent }) => {
        expect(sent).toMatchObject({ idToken: OWN })
        return Promise.resolve(answer)
      },
      { priority: 'operator', deadline: seconds(30) },
    )

  test('books each start on the driver who was meant at its EVSE, and its stop too', async () => {
    await ask(1, 'ANN')
    await ask(2, 'BOB')
    expect(start(1, { token: OWN }).idToken).toBe('ANN')
    expect(start(2, { token: OWN }).idToken).toBe('BOB')
    expect(stop(2, { token: OWN }).idToken).toBe('BOB')
    expect(stop(1, { token: OWN }).idToken).toBe('ANN')
  })

  test('books no later start on him', async () => {
    await ask(1, 'ANN')
    start(1, { token: OWN })
    stop(1, { token: OWN })
    clock.advance(seconds(10))
    expect(start(1, { token: OWN }).idToken).toBe(OWN)
    expect(stop(1, { token: OWN }).idToken).toBe(OWN)
  })

  test('books a start that is said again on the same driver, so that it stays the same start', async () => {
    await ask(1, 'ANN')
    const stated = '2026-01-01T00:00:00Z'
    expect(start(1, { token: OWN, stated }).idToken).toBe('ANN')
    expect(start(1, { token: OWN, stated }).idToken).toBe('ANN')
  })

  test('books nothing on a driver whose start was refused, or who did not come for five minutes', async () => {
    await ask(1, 'ANN', { status: 'rejected', reason: 'Rejected' })
    expect(start(1, { token: OWN }).idToken).toBe(OWN)
    await ask(2, 'BOB')
    clock.advance(minutes(6))
    expect(start(2, { token: OWN }).idToken).toBe(OWN)
  })
})

describe('transaction.start-means-stop', () => {
  beforeEach(() => withQuirks({ 'transaction.start-means-stop': true }))
  const say = async (timestamp: string, meterStart = 0) => {
    const payload = { connectorId: 1, idTag: 'TAG', timestamp, meterStart }
    const call = { station, action: 'StartTransaction', payload, text: '', receivedAt: clock.now() }
    const reply = await quirks.handle(call, () => ({ answer: { opened: true } }))
    return reply.answer
  }

  test('a stop that is said again ends the same transaction and opens none', async () => {
    expect(await say('2026-01-01T00:00:00Z')).toEqual({ opened: true })
    running.set(1, as<TransactionId>('7'))
    const ended = await say('2026-01-01T01:00:00Z')
    expect(ended).toMatchObject({ transactionId: 7 })
    running.delete(1)
    expect(await say('2026-01-01T01:00:00Z')).toEqual(ended)
    expect(told).toMatchObject([{ transaction: '7' }, { transaction: '7' }])
  })

  test('a start that is said again is no stop of what it has opened', async () => {
    await say('2026-01-01T00:00:00Z')
    running.set(1, as<TransactionId>('7'))
    expect(await say('2026-01-01T00:00:00Z')).toEqual({ opened: true })
    expect(told).toEqual([])
  })
})
