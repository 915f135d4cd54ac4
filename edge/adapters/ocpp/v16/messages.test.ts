import schemas from '@busbar/ocpp-schemas/ocpp1.6.json' with { type: 'json' }
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { createValidator } from 'ocpp-rpc'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Input } from '../../../domain/inputs.ts'
import { type DepotDouble, startDepot } from '../testing/depot-double.ts'
import { connect, type RawStation } from '../testing/raw-station.ts'

const NOW = '2026-11-21T18:00:00Z'
const AT = Date.parse(NOW)
const TIME = { at: AT, stated: NOW, clock: 'synced' }
const validator = createValidator('ocpp1.6', schemas)

let depot: DepotDouble
let client: RawStation
beforeAll(async () => {
  depot = await startDepot({ clock: new FakeClock(AT) })
  client = await connect(`${depot.url}/CP1`)
})
afterAll(() => depot.csms.stop())
beforeEach(() => {
  depot.inputs.splice(0)
  depot.lines.splice(0)
})

/** Sends a call and returns its answer, which is valid by the schema, and the input it became. */
async function tell(
  action: string,
  payload: unknown,
): Promise<{ answer: unknown; input: Input | undefined }> {
  const [type, , answer] = await client.call(action, payload)
  expect(type, JSON.stringify(answer)).toBe(3)
  expect(await validator.validate(`urn:${action}.conf`, answer)).toBe(true)
  return { answer, input: depot.inputs[0] }
}
const warned = () => depot.lines.filter((line) => line.startsWith('warn'))

describe('Authorize', () => {
  test.each([
    ['Accepted', 'Accepted'],
    ['Blocked', 'Blocked'],
    ['ConcurrentTx', 'ConcurrentTx'],
    ['Expired', 'Expired'],
    ['Invalid', 'Invalid'],
    ['Unknown', 'Invalid'],
  ])('answers %s with %s, once the decision has been made', async (status, word) => {
    depot.onInput = () => ({ outcome: Promise.resolve({ status }) })
    const { answer, input } = await tell('Authorize', { idTag: 'BUS-1' })
    depot.onInput = null
    expect(answer).toEqual({ idTagInfo: { status: word } })
    expect(input).toEqual({ type: 'authorize', station: 'CP1', idToken: 'BUS-1' })
  })

  test.each([
    [{ idTag: 4711 }, '4711'],
    [{ idTag: ' 04AB ' }, '04AB'],
    [{ idTag: 'a-token-of-more-than-twenty-characters' }, 'a-token-of-more-than-twenty-characters'],
    [{}, ''],
  ])('reads %j', async (payload, idToken) => {
    expect((await tell('Authorize', payload)).input).toMatchObject({ idToken })
  })

  test('keeps every digit of a token that is a number', async () => {
    client.send('[2,"big","Authorize",{"idTag":12345678901234567890}]')
    await client.next(([, id]) => id === 'big')
    expect(depot.inputs[0]).toMatchObject({ idToken: '12345678901234567890' })
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
    expect(depot.inputs).toMatchObject([
      { vendor: '', model: '', serial: null, firmware: null, stationProfile: 'generic' },
      { model: '37' },
      {
        vendor: 'V'.repeat(60),
        capabilities: { offline: 'unknown', startsAlone: true, settleS: 30, provenToObey: false },
      },
    ])
  })
})

describe('Heartbeat, DataTransfer and what is only acknowledged', () => {
  test.each([
    ['Heartbeat', {}, { currentTime: NOW }],
    ['Heartbeat', { unknown: 1 }, { currentTime: NOW }],
    ['DataTransfer', { vendorId: 'com.example', messageId: 'x', data: 'y' }, { status: 'UnknownVendorId' }],
    ['DataTransfer', { data: { nested: 'x'.repeat(100_000) } }, { status: 'UnknownVendorId' }],
    ['DiagnosticsStatusNotification', { status: 'Uploaded' }, {}],
    ['FirmwareStatusNotification', { status: 'Sideways' }, {}],
    ['SecurityEventNotification', { type: 'X', timestamp: NOW, techInfo: 'y'.repeat(300) }, {}],
    ['SecurityEventNotification', {}, {}],
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
    expect(warned()).toEqual([])
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
    expect(warned()).toHaveLength(1)
  })
})

describe('StartTransaction', () => {
  test('is answered with the transaction and the decision about its token', async () => {
    const payload = { connectorId: 2, idTag: 'BUS-1', meterStart: 1200, timestamp: NOW, reservationId: 0 }
    const { answer, input } = await tell('StartTransaction', payload)
    expect(answer).toEqual({ transactionId: 1, idTagInfo: { status: 'Accepted' } })
    expect(input).toEqual({
      type: 'transaction-started',
      station: 'CP1',
      evse: 2,
      connector: 1,
      idToken: 'BUS-1',
      meterStartWh: 1200,
      time: TIME,
    })
  })

  test('gets an id even when its token is refused', async () => {
    depot.onInput = () => ({ outcome: { transaction: '2147483647', status: 'Unknown' } })
    const { answer } = await tell('StartTransaction', {
      connectorId: 1,
      idTag: 'X',
      meterStart: 0,
      timestamp: NOW,
    })
    depot.onInput = null
    expect(answer).toEqual({ transactionId: 2_147_483_647, idTagInfo: { status: 'Invalid' } })
  })

  test.each([
    [
      { connectorId: '1', meterStart: '12,5', idTag: 7, timestamp: '' },
      { evse: 1, meterStartWh: 12.5, idToken: '7' },
    ],
    [
      { connectorId: 1, meterStart: 12.75, idTag: null, timestamp: NOW },
      { meterStartWh: 12.75, idToken: '' },
    ],
    [
      { connectorId: 0, meterStart: 0, idTag: 'A' },
      { evse: 0, connector: 0, meterStartWh: 0 },
    ],
    [
      {},
      {
        evse: 0,
        connector: 0,
        meterStartWh: -1,
        idToken: '',
        time: { at: AT, stated: null, clock: 'estimated' },
      },
    ],
    [
      { connectorId: -3, meterStart: 'NaN', timestamp: '1970-01-01T00:00:00Z' },
      { evse: 0, meterStartWh: -1, time: { clock: 'estimated' } },
    ],
  ])('T9: %j is answered and passed on', async (payload, expected) => {
    const { input } = await tell('StartTransaction', payload)
    expect(input).toMatchObject({ type: 'transaction-started', ...expected })
  })
})

describe('StopTransaction', () => {
  test('is passed on whole', async () => {
    const payload = {
      transactionId: 7,
      idTag: 'BUS-1',
      meterStop: 2000,
      timestamp: NOW,
      reason: 'EVDisconnected',
      transactionData: [{ timestamp: NOW, sampledValue: [{ value: '2000', context: 'Transaction.End' }] }],
    }
    const { answer, input } = await tell('StopTransaction', payload)
    expect(answer).toEqual({})
    expect(input).toEqual({
      type: 'transaction-ended',
      station: 'CP1',
      transaction: '7',
      meterStopWh: 2000,
      idToken: 'BUS-1',
      reason: 'EVDisconnected',
      samples: [{ time: TIME, registerWh: 2000 }],
      time: TIME,
      record: expect.stringContaining(JSON.stringify(payload)),
    })
  })

  test.each([0, -1, 2 ** 31, 1.5, null, '', 'x', undefined])(
    'transaction %j is none we can have given',
    async (transactionId) => {
      expect(
        (await tell('StopTransaction', { transactionId, meterStop: 1, timestamp: NOW })).input,
      ).toMatchObject({
        transaction: null,
      })
    },
  )

  test('transaction 9223372036854775807 is none, and its record keeps every digit', async () => {
    client.send('[2,"huge","StopTransaction",{"transactionId":9223372036854775807,"meterStop":1}]')
    await client.next(([, id]) => id === 'huge')
    expect(depot.inputs[0]).toMatchObject({
      transaction: null,
      record: expect.stringContaining('9223372036854775807'),
    })
  })

  test.each([
    [
      { transactionId: '7', meterStop: '2000' },
      { transaction: '7', meterStopWh: 2000, idToken: null, reason: 'Local' },
    ],
    [{ transactionId: 7, meterStop: -1 }, { meterStopWh: null }],
    [{ transactionId: 7 }, { meterStopWh: null }],
    [
      { transactionId: 7, meterStop: 0, reason: 'SoftReset' },
      { meterStopWh: 0, reason: 'ImmediateReset' },
    ],
    [{ transactionId: 7, meterStop: 1, reason: 'deauthorized' }, { reason: 'DeAuthorized' }],
    [
      { transactionId: 7, meterStop: 1, reason: 'Bored', transactionData: null },
      { reason: 'Other', samples: [] },
    ],
    [{}, { transaction: null, meterStopWh: null, reason: 'Local' }],
  ])('T9: %j is answered and passed on', async (payload, expected) => {
    const { answer, input } = await tell('StopTransaction', payload)
    expect(answer).toEqual({})
    expect(input).toMatchObject({ type: 'transaction-ended', ...expected })
  })
})

describe('MeterValues', () => {
  const values = (...sampledValue: object[]) => ({
    connectorId: 1,
    transactionId: 7,
    meterValue: [{ timestamp: NOW, sampledValue }],
  })

  test('of three phases are read', async () => {
    const each = (measurand: string, unit: string, [a, b, c]: readonly string[]) => [
      { measurand, unit, phase: 'L1', value: a },
      { measurand, unit, phase: 'L2-N', value: b },
      { measurand, unit, phase: 'l3', value: c },
      { measurand, unit, phase: 'N', value: '99' },
    ]
    const { answer, input } = await tell('MeterValues', {
      ...values(
        { value: '1234.5', measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
        { value: '11.04', measurand: 'Power.Active.Import', unit: 'kW' },
        { value: '16', measurand: 'Current.Offered', unit: 'A' },
        { value: '55', measurand: 'SoC', unit: 'Percent', location: 'EV' },
        ...each('Current.Import', 'A', ['16', '15.9', '16.1']),
        ...each('Voltage', 'V', ['230', '231', '229']),
        { value: '400', measurand: 'Voltage', phase: 'L1-L2', unit: 'V' },
        { value: '50', measurand: 'Frequency', unit: 'Hertz' },
        { value: '40', measurand: 'Temperature', location: 'Body', unit: 'Celsius' },
      ),
    })
    expect(answer).toEqual({})
    expect(input).toEqual({
      type: 'meter-values',
      station: 'CP1',
      evse: 1,
      transaction: '7',
      samples: [
        {
          time: TIME,
          registerWh: 1234.5,
          powerW: 11040,
          offeredA: 16,
          socPct: 55,
          currentA: { l1: 16, l2: 15.9, l3: 16.1 },
          voltageV: { l1: 230, l2: 231, l3: 229 },
        },
      ],
    })
    expect(warned()).toEqual([])
  })

  test.each([
    ['text and numbers', [{ value: 12 }], { registerWh: 12 }],
    ['kilowatt-hours', [{ value: '1,5', unit: 'kWh' }], { registerWh: 1500 }],
    ['units in any case', [{ value: '2', unit: 'KW', measurand: 'Power.Active.Import' }], { powerW: 2000 }],
    [
      'power per phase, which is added up',
      ['L1', 'L2', 'L3'].map((phase) => ({
        value: '1000',
        phase,
        measurand: 'Power.Active.Import',
        unit: 'W',
      })),
      { powerW: 3000 },
    ],
    [
      'the outlet rather than the inlet',
      [{ value: '9', location: 'Inlet' }, { value: '10' }, { value: '11', location: 'Inlet' }],
      { registerWh: 10 },
    ],
    ['the inlet where there is nothing else', [{ value: '9', location: 'Inlet' }], { registerWh: 9 }],
  ])('%s', async (_what, sampled, expected) => {
    const { input } = await tell('MeterValues', values(...sampled))
    expect(input).toMatchObject({ samples: [expected] })
  })

  test("a current without a phase is nobody's phase: it may be that of a DC outlet", async () => {
    const { input } = await tell(
      'MeterValues',
      values({ value: '1' }, { value: '200', measurand: 'Current.Import', unit: 'A' }),
    )
    expect(input).toMatchObject({ samples: [{ registerWh: 1 }] })
    expect(depot.of('meter-values')[0]?.samples[0]).not.toHaveProperty('currentA')
  })

  test('a single object counts as a list', async () => {
    const payload = { connectorId: 1, meterValue: { timestamp: NOW, sampledValue: { value: '5' } } }
    expect((await tell('MeterValues', payload)).input).toMatchObject({
      transaction: null,
      samples: [{ registerWh: 5 }],
    })
  })

  test('of connector 0, old and without a transaction, are passed on as such', async () => {
    const stated = '2026-11-20T03:00:00Z'
    const payload = {
      connectorId: 0,
      transactionId: null,
      meterValue: [{ timestamp: stated, sampledValue: [{ value: '5' }] }],
    }
    expect((await tell('MeterValues', payload)).input).toMatchObject({
      evse: 0,
      transaction: null,
      samples: [{ time: { at: Date.parse(stated), stated, clock: 'synced' } }],
    })
  })

  test.each([
    {},
    { connectorId: 1, meterValue: [] },
    { connectorId: 1, meterValue: null },
    { connectorId: 1, meterValue: [{ timestamp: NOW, sampledValue: [] }] },
    { connectorId: 1, meterValue: ['x', null, 7] },
  ])('T9: with nothing in them (%j) are acknowledged', async (payload) => {
    const { answer, input } = await tell('MeterValues', payload)
    expect(answer).toEqual({})
    expect(input).toBeUndefined()
  })

  test.each([
    [{ value: 'n/a' }, 'Energy.Active.Import.Register: n/a'],
    [{ value: '5', unit: 'furlong' }, 'Energy.Active.Import.Register: 5 furlong'],
    [{ value: 'BASE64', format: 'SignedData' }, 'Energy.Active.Import.Register: signed data'],
    [{ value: '1e999', measurand: 'SoC' }, 'SoC: 1e999'],
  ])('%j is not read, and named', async (sampled, problem) => {
    const { input } = await tell('MeterValues', values(sampled))
    expect(input).toBeUndefined()
    expect(warned()[0]).toContain(problem)
  })
})
