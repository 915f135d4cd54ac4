import { minutes } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CommandResult } from '../domain/inputs.ts'
import { SpokenStation } from './spoken-station.ts'
import { TestDepot } from './test-depot.ts'

/** Whole sessions of OCPP 1.6, message by message, at the real edge. */
let depot: TestDepot
let station: SpokenStation
beforeEach(async () => {
  depot = await TestDepot.start({
    gridA: 200,
    otherA: 10,
    feeders: [{ id: 'f1', ratingA: 100 }],
    stations: [],
    foreign: [{ id: 'X', feeder: 'f1' }],
    vehicles: ['v1'],
  })
  station = await SpokenStation.connect(depot.edge.ocppAddress, 'X')
  await station.boot()
  await depot.until('the start-up is over', () => depot.edge.control.depot.ready, minutes(2))
})
afterEach(async () => {
  await station.close()
  await depot.stop()
})

const at = (secondsAgo = 0) => new Date(depot.clock.now() - secondsAgo * 1000).toISOString()
const idTag = 'TAG-v1'
const ACCEPTED = { idTagInfo: { status: 'Accepted' } }

/** Authorises while time passes, since room may have to be made first. */
async function during<T>(work: Promise<T>): Promise<T> {
  let done = false
  void work.then(() => {
    done = true
  })
  await depot.untilReally('the answer', async () => done)
  return work
}
const authorize = (tag = idTag) => during(station.say('Authorize', { idTag: tag }))
async function start(of: object = {}): Promise<number> {
  const answer = await station.say('StartTransaction', {
    connectorId: 1,
    idTag,
    meterStart: 1000,
    timestamp: at(),
    ...of,
  })
  expect(answer).toMatchObject({ transactionId: expect.any(Number) })
  return Number(answer.transactionId)
}
const stop = (transactionId: number, of: object = {}) =>
  station.say('StopTransaction', { transactionId, meterStop: 4000, timestamp: at(), ...of })
const command = async (body: object): Promise<CommandResult> => {
  const sent = fetch(`${depot.edge.httpAddress}/api/v1/stations/X/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return during(sent.then((response) => response.json() as Promise<CommandResult>))
}
const transactions = () => depot.transactions()

test('TC_001: a cold boot is accepted with the time and an interval, and what it says of itself is kept', async () => {
  await station.close()
  station = await SpokenStation.connect(depot.edge.ocppAddress, 'X')
  const answer = await station.boot()
  expect(answer).toMatchObject({ status: 'Accepted', interval: 60 })
  expect(Date.parse(String(answer.currentTime))).toBeGreaterThan(0)
  expect(depot.edge.control.stations()).toMatchObject([
    {
      id: 'X',
      vendor: 'Busbar',
      firmware: '1.0.0',
      connectors: [{ evse: 0 }, { evse: 1, status: 'Available' }],
    },
  ])
})

describe('a session', () => {
  test('TC_003 TC_005_1: plugged in first, then identified, and ended by the vehicle', async () => {
    await station.status('Preparing')
    expect(await authorize()).toEqual(ACCEPTED)
    const id = await start()
    await station.status('Charging')
    const sampledValue = [{ value: '2500', measurand: 'Energy.Active.Import.Register', unit: 'Wh' }]
    expect(
      await station.say('MeterValues', {
        connectorId: 1,
        transactionId: id,
        meterValue: [{ timestamp: at(), sampledValue }],
      }),
    ).toEqual({})
    expect(await stop(id, { reason: 'EVDisconnected' })).toEqual({})
    await station.status('Finishing')
    await station.status('Available')
    expect(await transactions()).toMatchObject([
      { transaction: String(id), vehicle: 'v1', energy_wh: 3000, reason: 'EVDisconnected' },
    ])
  })

  test('TC_004_1: identified first, then plugged in', async () => {
    expect(await authorize()).toEqual(ACCEPTED)
    await station.status('Preparing')
    expect(await start()).toBeGreaterThan(0)
    expect(depot.evse('X').vehicle).toBe('v1')
  })

  test('TC_004_2: identified, and never plugged in, is none', async () => {
    expect(await authorize()).toEqual(ACCEPTED)
    await station.status('Preparing')
    await depot.pass(minutes(3))
    await station.status('Available')
    expect(await transactions()).toEqual([])
  })

  test('TC_007: of a token that the station remembers needs no question', async () => {
    await station.status('Preparing')
    const answer = await station.say('StartTransaction', {
      connectorId: 1,
      idTag,
      meterStart: 0,
      timestamp: at(),
    })
    expect(answer).toMatchObject(ACCEPTED)
  })

  test('TC_023_1: of a token that nobody knows is refused', async () => {
    expect(await authorize('STRANGER')).toEqual({ idTagInfo: { status: 'Invalid' } })
  })
})

describe('a start from afar', () => {
  const ask = { kind: 'request-start', evse: 1, id_token: idTag }

  test('TC_010: with the cable plugged in', async () => {
    await station.status('Preparing')
    expect(await command(ask)).toMatchObject({ status: 'accepted' })
    expect(await station.heard('RemoteStartTransaction')).toEqual({ connectorId: 1, idTag })
    const id = await start()
    await station.status('Charging')
    expect(await transactions()).toMatchObject([{ transaction: String(id), ended_at: null }])
  })

  test('TC_011_1: before the cable is plugged in', async () => {
    expect(await command(ask)).toMatchObject({ status: 'accepted' })
    await station.status('Preparing')
    expect(await authorize()).toEqual(ACCEPTED)
    expect(await start()).toBeGreaterThan(0)
  })

  test('TC_011_2: after which nobody plugs in, is no session', async () => {
    expect(await command(ask)).toMatchObject({ status: 'accepted' })
    await station.status('Preparing')
    await depot.pass(minutes(3))
    await station.status('Available')
    expect(await transactions()).toEqual([])
  })

  test('TC_026: that the station refuses is refused', async () => {
    station.answers = { RemoteStartTransaction: { status: 'Rejected' } }
    expect(await command(ask)).toMatchObject({ status: 'rejected', reason: 'Rejected' })
  })
})

describe('a stop from afar', () => {
  test('TC_012: ends the session once the station says so', async () => {
    const id = await start()
    expect(await command({ kind: 'request-stop', transaction: String(id) })).toMatchObject({
      status: 'accepted',
    })
    expect(await station.heard('RemoteStopTransaction')).toEqual({ transactionId: id })
    expect((await transactions())[0]?.ended_at).toBeNull()
    await stop(id, { reason: 'Remote' })
    expect(await transactions()).toMatchObject([{ reason: 'Remote', energy_wh: 3000 }])
  })

  test('TC_028: that the station refuses changes nothing', async () => {
    const id = await start()
    station.answers = { RemoteStopTransaction: { status: 'Rejected' } }
    expect(await command({ kind: 'request-stop', transaction: String(id) })).toMatchObject({
      status: 'rejected',
    })
    expect((await transactions())[0]?.ended_at).toBeNull()
  })
})

test.each([
  ['TC_013', 'Immediate', 'Hard', 'HardReset'],
  ['TC_014', 'OnIdle', 'Soft', 'SoftReset'],
])('%s: a reset %s ends what runs, and the station boots again', async (_case, mode, type, reason) => {
  const id = await start()
  expect(await command({ kind: 'reset', mode })).toMatchObject({ status: 'accepted' })
  expect(await station.heard('Reset')).toEqual({ type })
  await stop(id, { reason })
  await station.close()
  station = await SpokenStation.connect(depot.edge.ocppAddress, 'X')
  expect(await station.boot()).toMatchObject({ status: 'Accepted' })
  expect(await transactions()).toMatchObject([{ transaction: String(id), reason: 'ImmediateReset' }])
})

test('TC_019_1: every variable is read at once', async () => {
  station.answers = { GetConfiguration: { configurationKey: [{ key: 'A', readonly: false, value: '1' }] } }
  const answer = await command({ kind: 'get-variables', names: 'all' })
  expect(answer).toMatchObject({
    status: 'accepted',
    variables: [{ name: 'A', value: '1', readonly: false }],
  })
  expect(await station.heard('GetConfiguration')).toEqual({})
})

test('TC_032_1: a session that a power failure ended is told of after the boot', async () => {
  const id = await start()
  await station.close()
  await depot.pass(minutes(5))
  station = await SpokenStation.connect(depot.edge.ocppAddress, 'X')
  await station.boot()
  await stop(id, { reason: 'PowerLoss', timestamp: at(240) })
  const [ended] = await transactions()
  expect(ended).toMatchObject({ transaction: String(id), reason: 'PowerLoss', energy_wh: 3000 })
  expect(Date.parse(String(ended?.ended_at))).toBe(Date.parse(at(240)))
})

describe('told of after an outage', () => {
  test('TC_037_1: a start has the time at which it happened', async () => {
    const id = await start({ timestamp: at(600) })
    expect(await transactions()).toMatchObject([
      { transaction: String(id), started_at: at(600), ended_at: null },
    ])
  })

  test('TC_037_3: a start of a token that nobody knows is booked, and stopped from afar', async () => {
    const answer = await station.say('StartTransaction', {
      connectorId: 1,
      idTag: 'STRANGER',
      meterStart: 0,
      timestamp: at(600),
    })
    expect(answer).toMatchObject({ transactionId: expect.any(Number), idTagInfo: { status: 'Invalid' } })
    expect(await station.heard('RemoteStopTransaction')).toEqual({ transactionId: answer.transactionId })
    await stop(Number(answer.transactionId), { reason: 'DeAuthorized' })
    expect(await transactions()).toMatchObject([{ reason: 'DeAuthorized' }])
  })

  test('TC_039: a whole session is booked with its own times', async () => {
    const id = await start({ timestamp: at(7200) })
    await stop(id, { timestamp: at(3600), idTag })
    expect(await transactions()).toMatchObject([
      { started_at: at(7200), ended_at: at(3600), energy_wh: 3000 },
    ])
  })
})

test('TC_064: a vendor that nobody knows is told so', async () => {
  expect(await station.say('DataTransfer', { vendorId: 'com.example', data: 'x' })).toEqual({
    status: 'UnknownVendorId',
  })
})

test('TC_085 TC_088: credentials that fit let a station in, and its sub-protocol is chosen among those it offers', async () => {
  await station.close()
  station = await SpokenStation.connect(depot.edge.ocppAddress, 'X', ['ocpp0.9', 'ocpp1.6'])
  expect(station.protocol).toBe('ocpp1.6')
  expect(await station.boot()).toMatchObject({ status: 'Accepted' })
})
