import { once } from 'node:events'
import { as, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps } from '@busbar/units/electricity.ts'
import { type Duration, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CommandPriority, StationCommand } from '../../../domain/commands.ts'
import { type DepotDouble, startDepot } from '../testing/depot-double.ts'
import { connect, type Message, type RawStation } from '../testing/raw-station.ts'

const CP1 = as<StationId>('CP1')
const RESET: StationCommand = { kind: 'reset', mode: 'OnIdle' }
const POLL: StationCommand = { kind: 'get-variables', names: 'all' }
const HEARTBEAT: StationCommand = { kind: 'trigger', message: 'Heartbeat', evse: null }
const limit = (a: number, evse = 1): StationCommand => ({
  kind: 'set-transaction-limit',
  evse,
  transaction: as<TransactionId>('1'),
  limit: { limit_a: amps(a) },
  lease: seconds(60),
})

let clock: FakeClock
let depot: DepotDouble
let client: RawStation
beforeEach(async () => {
  clock = new FakeClock()
  depot = await startDepot({ clock })
  client = await connect(`${depot.url}/CP1`)
})
afterEach(() => depot.csms.stop())

const send = (command: StationCommand, priority: CommandPriority, deadline: Duration = seconds(30)) =>
  depot.csms.commands.send(CP1, command, { priority, deadline })
const calls = () => client.received.filter(([type]) => type === 2)
const arrived = async (n: number): Promise<Message> => {
  await client.next(() => calls().length >= n)
  return calls()[n - 1] ?? [0, '']
}
const accept = ([, id]: Message) => client.send(JSON.stringify([3, id, { status: 'Accepted' }]))
const ampsIn = (message: Message): unknown =>
  JSON.parse(JSON.stringify(message[3])).csChargingProfiles?.chargingSchedule.chargingSchedulePeriod[0].limit

describe('T15: the line to one station', () => {
  test('writes before send returns while it is free', () => {
    const { framesOut } = depot.csms.activity()
    void send(limit(10), 'limit')
    expect(depot.csms.activity()).toMatchObject({ framesOut: framesOut + 1, callsPending: 1 })
  })

  test('is free again the moment an answer is in: the next command is written within send', async () => {
    const first = send(limit(10), 'limit')
    accept(await arrived(1))
    await first
    const { framesOut } = depot.csms.activity()
    void send(limit(11), 'limit')
    expect(depot.csms.activity().framesOut).toBe(framesOut + 1)
  })

  test('gives up a call unanswered for 5 s when a limit waits, and sends the limit before all others', async () => {
    const dead = send(RESET, 'operator')
    const call = await arrived(1)
    const poll = send(POLL, 'poll')
    const operator = send(HEARTBEAT, 'operator')
    clock.advance(seconds(4))
    const safe = send(limit(6), 'limit')
    clock.advance(seconds(1))
    expect(await dead).toEqual({ status: 'unanswered', reason: 'timeout', detail: 'no answer in 5 s' })
    const second = await arrived(2)
    expect(second[2]).toBe('SetChargingProfile')
    accept(call)
    accept(second)
    expect(await safe).toEqual({ status: 'accepted' })
    const third = await arrived(3)
    expect(third[2]).toBe('TriggerMessage')
    accept(third)
    await operator
    client.send(JSON.stringify([3, (await arrived(4))[1], { configurationKey: [] }]))
    expect(await poll).toEqual({ status: 'accepted', variables: [], unknown: [] })
    expect(depot.lines.filter((line) => line.includes('an answer came too late'))).toHaveLength(1)
  })

  test('waits for the whole deadline when no limit does', async () => {
    const dead = send(RESET, 'operator')
    await arrived(1)
    clock.advance(seconds(29))
    expect(depot.csms.activity().callsPending).toBe(1)
    clock.advance(seconds(1))
    expect(await dead).toMatchObject({ status: 'unanswered', reason: 'timeout' })
  })

  test('keeps only the latest limit of each EVSE while they wait', async () => {
    void send(RESET, 'operator')
    const [old, other, latest] = [limit(10), limit(9, 2), limit(12)].map((one) => send(one, 'limit'))
    expect(await old).toEqual({ status: 'not-sent', reason: 'superseded' })
    accept(await arrived(1))
    const second = await arrived(2)
    accept(second)
    const third = await arrived(3)
    accept(third)
    expect([ampsIn(second), ampsIn(third)]).toEqual([12, 9])
    expect(await latest).toEqual({ status: 'accepted' })
    expect(await other).toEqual({ status: 'accepted' })
  })

  test('never sends what expired while it waited', async () => {
    void send(RESET, 'operator', seconds(60))
    const stale = send(POLL, 'poll', seconds(10))
    clock.advance(seconds(10))
    expect(await stale).toEqual({ status: 'not-sent', reason: 'expired' })
    accept(await arrived(1))
    await client.call('Heartbeat', {})
    expect(calls()).toHaveLength(1)
  })

  test('holds 64 commands; a limit takes the place of a poll', async () => {
    void send(RESET, 'operator')
    const polls = Array.from({ length: 64 }, () => send(POLL, 'poll'))
    expect(await send(POLL, 'poll')).toEqual({ status: 'not-sent', reason: 'queue-full' })
    void send(limit(6), 'limit')
    expect(await polls.at(-1)).toEqual({ status: 'not-sent', reason: 'queue-full' })
    expect(depot.csms.activity().callsPending).toBe(65)
  })
})

describe('T16: a connection lost in mid-call', () => {
  test('settles what was written as unanswered and the rest as not sent', async () => {
    const written = send(RESET, 'operator')
    await arrived(1)
    const waiting = send(limit(6), 'limit')
    client.socket.terminate()
    expect(await written).toMatchObject({ status: 'unanswered', reason: 'disconnected' })
    expect(await waiting).toEqual({ status: 'not-sent', reason: 'offline' })
    expect(await send(RESET, 'operator')).toEqual({ status: 'not-sent', reason: 'offline' })
  })

  test('is the same for a station that is not known', async () => {
    const options = { priority: 'limit', deadline: seconds(1) } as const
    const answer = await depot.csms.commands.send(as<StationId>('CP9'), RESET, options)
    expect(answer).toEqual({ status: 'not-sent', reason: 'offline' })
  })
})

describe('an error for an answer', () => {
  test.each([
    ['NotSupported', { status: 'rejected', reason: 'NotSupported no thanks' }],
    ['FormationViolation', { status: 'rejected', reason: 'FormationViolation no thanks' }],
    ['InternalError', { status: 'unanswered', reason: 'error', detail: 'InternalError no thanks' }],
    ['GenericError', { status: 'unanswered', reason: 'error', detail: 'GenericError no thanks' }],
    // Of no version, and told as it is.
    ['EvseBusy', { status: 'unanswered', reason: 'error', detail: 'EvseBusy no thanks' }],
  ])('%s', async (code, expected) => {
    const answer = send(RESET, 'operator')
    client.send(JSON.stringify([4, (await arrived(1))[1], code, 'no thanks', {}]))
    expect(await answer).toEqual({ ...expected, error: { code, description: 'no thanks' } })
  })

  test.each([
    ['', 'GenericError '],
    [',7', 'GenericError '],
    [',"","",{}', 'GenericError '],
    [`,"${'x'.repeat(500)}","",{}`, 'x'.repeat(100)],
  ])('without a code that is one: %#', async (rest, detail) => {
    const answer = send(RESET, 'operator')
    client.send(`[4,"${(await arrived(1))[1]}"${rest}]`)
    expect(await answer).toMatchObject({ status: 'unanswered', reason: 'error', detail: detail.trim() })
  })
})

test('a command that OCPP 1.6 cannot say is rejected, and the line goes on', async () => {
  const long = as<never>('a token of more than twenty characters')
  expect(await send({ kind: 'request-start', evse: 1, idToken: long }, 'operator')).toMatchObject({
    status: 'rejected',
    reason: expect.stringContaining('idTag'),
  })
  void send(RESET, 'operator')
  expect((await arrived(1))[2]).toBe('Reset')
})

test('limits go out while the station waits for a commit', async () => {
  depot.onInput = (input) =>
    input.type === 'meter-values' ? { durable: new Promise(() => undefined) } : undefined
  const meterValue = [{ sampledValue: [{ value: '1' }] }]
  client.send(JSON.stringify([2, 'm', 'MeterValues', { connectorId: 1, meterValue }]))
  await depot.until((inputs) => inputs.at(-1)?.type === 'meter-values')
  const answer = send(limit(6), 'limit')
  accept(await arrived(1))
  expect(await answer).toEqual({ status: 'accepted' })
  client.socket.terminate()
  await once(client.socket, 'close')
})

test('a command that names a transaction follows the answer that introduces it', async () => {
  const stored = Promise.withResolvers<void>()
  depot.onInput = ({ type }) => (type === 'transaction-started' ? { durable: stored.promise } : undefined)
  client.send(JSON.stringify([2, 's', 'StartTransaction', { connectorId: 1, idTag: 'A', meterStart: 0 }]))
  await depot.until((inputs) => inputs.at(-1)?.type === 'transaction-started')
  const stop = stored.promise.then(() =>
    send({ kind: 'request-stop', transaction: as<TransactionId>('1') }, 'operator'),
  )
  stored.resolve()
  accept(await arrived(1))
  expect(await stop).toEqual({ status: 'accepted' })
  expect(client.received.map(([type]) => type)).toEqual([3, 2])
})
