import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Conversation, converse, type Told } from '../testing/conversation.ts'

const NOW = '2026-11-21T18:00:00Z'
const AT = Date.parse(NOW)
const TIME = { at: AT, stated: NOW, clock: 'synced' }

let talk: Conversation
beforeAll(async () => {
  talk = await converse(new FakeClock(AT))
})
afterAll(() => talk.depot.csms.stop())
beforeEach(() => talk.forget())

/** Every answer is valid by its schema. */
async function tell(action: string, payload: unknown): Promise<Told> {
  const told = await talk.tell(action, payload)
  expect(told.valid, JSON.stringify(told.answer)).toBe(true)
  return told
}

describe('Authorize', () => {
  test.each([
    ['Accepted', 'Accepted'],
    ['Blocked', 'Blocked'],
    ['ConcurrentTx', 'ConcurrentTx'],
    ['Expired', 'Expired'],
    ['Invalid', 'Invalid'],
    ['Unknown', 'Invalid'],
  ])('answers %s with %s, once the decision has been made', async (status, word) => {
    talk.depot.onInput = () => ({ outcome: Promise.resolve({ status }) })
    const { answer, input } = await tell('Authorize', { idTag: 'BUS-1' })
    expect(answer).toEqual({ idTagInfo: { status: word } })
    expect(input).toEqual({ type: 'authorize', station: 'CP1', idToken: 'BUS-1' })
  })

  test.each([
    [{ idTag: 4711 }, '4711'],
    [{ idTag: ' 04AB ' }, '04AB'],
    [{ idTag: 'a-token-of-more-than-twenty-characters' }, 'a-token-of-more-than-twenty-characters'],
    [{ idTag: '' }, ''],
  ])('reads %j', async (payload, idToken) => {
    expect((await tell('Authorize', payload)).input).toMatchObject({ idToken })
  })

  test('keeps every digit of a token that is a number', async () => {
    talk.client.send('[2,"big","Authorize",{"idTag":12345678901234567890}]')
    await talk.client.next(([, id]) => id === 'big')
    expect(talk.depot.inputs[0]).toMatchObject({ idToken: '12345678901234567890' })
  })
})

describe('BootNotification', () => {
  test('is accepted with our time and the heartbeat interval; all is kept', async () => {
    const { answer, input } = await tell('BootNotification', {
      chargePointVendor: 'Busbar',
      chargePointModel: 'Virtual DC 150',
      chargePointSerialNumber: 'S-1',
      chargeBoxSerialNumber: 'B-1',
      firmwareVersion: '1.0.0',
      meterType: 'x',
    })
    expect(answer).toEqual({ status: 'Accepted', currentTime: NOW, interval: 300 })
    expect(input).toMatchObject({
      type: 'station-booted',
      vendor: 'Busbar',
      model: 'Virtual DC 150',
      serial: 'S-1',
      firmware: '1.0.0',
      stationProfile: 'busbar-virtual-dc',
      capabilities: {
        offline: 'fallback',
        startsAlone: false,
        settleS: 5,
        provenToObey: true,
        limitStepA: 0.1,
        minPowerW: 5000,
      },
    })
  })

  test('of an unknown model, empty or overlong, gets the generic profile', async () => {
    for (const payload of [
      {},
      { chargePointVendor: '', chargePointModel: 37 },
      { chargePointVendor: 'V'.repeat(60) },
    ])
      expect((await tell('BootNotification', payload)).answer).toMatchObject({ status: 'Accepted' })
    expect(talk.depot.inputs).toMatchObject([
      { vendor: '', model: '', serial: null, firmware: null, stationProfile: 'generic' },
      { model: '37' },
      {
        vendor: 'V'.repeat(60),
        capabilities: { offline: 'unknown', startsAlone: true, settleS: 30, provenToObey: false },
      },
    ])
  })
})

describe('Heartbeat and DataTransfer', () => {
  test.each([
    ['Heartbeat', {}, { currentTime: NOW }],
    ['Heartbeat', { unknown: 1 }, { currentTime: NOW }],
    ['DataTransfer', { vendorId: 'com.example', messageId: 'x', data: 'y' }, { status: 'UnknownVendorId' }],
    ['DataTransfer', { vendorId: 7, data: { nested: 'x'.repeat(100_000) } }, { status: 'UnknownVendorId' }],
  ])('%s %#', async (action, payload, expected) => {
    const { answer, input } = await tell(action, payload)
    expect(answer).toEqual(expected)
    expect(input).toBeUndefined()
  })
})

describe('StatusNotification', () => {
  test.each([
    ['Available', 'Available', null],
    ['Preparing', 'Occupied', 'EVConnected'],
    ['Charging', 'Occupied', 'Charging'],
    ['SuspendedEV', 'Occupied', 'SuspendedEV'],
    ['SuspendedEVSE', 'Occupied', 'SuspendedEVSE'],
    ['Finishing', 'Occupied', 'Idle'],
    ['Reserved', 'Reserved', null],
    ['Unavailable', 'Unavailable', null],
    ['Faulted', 'Faulted', null],
    ['suspended_ev', 'Occupied', 'SuspendedEV'],
    ['Occupied', 'Occupied', null],
  ])('%s is %s, %s', async (word, status, chargingState) => {
    const { input } = await tell('StatusNotification', {
      connectorId: 2,
      errorCode: 'NoError',
      status: word,
      timestamp: NOW,
    })
    expect(input).toEqual({
      type: 'connector-status',
      station: 'CP1',
      evse: 2,
      connector: 1,
      status,
      chargingState,
      errorCode: null,
      vendorError: null,
      info: null,
      time: TIME,
    })
    expect(talk.warnings()).toEqual([])
  })

  test('of connector 0 is the station; codes and free text are kept', async () => {
    const { input } = await tell('StatusNotification', {
      connectorId: 0,
      errorCode: 'GroundFailure',
      status: 'Faulted',
      info: 'i'.repeat(60),
      vendorId: 'v',
      vendorErrorCode: 17,
    })
    expect(input).toMatchObject({
      evse: 0,
      connector: 0,
      errorCode: 'GroundFailure',
      vendorError: '17',
      info: 'i'.repeat(60),
      time: { at: AT, stated: null, clock: 'synced' },
    })
  })

  test('with an unknown word counts as occupied, and says so', async () => {
    expect((await tell('StatusNotification', { connectorId: '1', status: 'Dreaming' })).input).toMatchObject({
      evse: 1,
      status: 'Occupied',
      chargingState: null,
    })
    expect(talk.warnings()).toHaveLength(1)
  })
})
