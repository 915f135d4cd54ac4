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
    talk.depot.onInput = () => ({ outcome: { transaction: '2147483647', status: 'Unknown' } })
    const { answer } = await tell('StartTransaction', {
      connectorId: 1,
      idTag: 'X',
      meterStart: 0,
      timestamp: NOW,
    })
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
    talk.client.send('[2,"huge","StopTransaction",{"transactionId":9223372036854775807,"meterStop":1}]')
    await talk.client.next(([, id]) => id === 'huge')
    expect(talk.depot.inputs[0]).toMatchObject({
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
    expect(talk.warnings()).toEqual([])
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
    [
      'the present register, not the one repeated from the beginning of the transaction',
      [
        { value: '10', context: 'Sample.Periodic' },
        { value: '0', context: 'Transaction.Begin' },
      ],
      { registerWh: 10 },
    ],
    [
      'the same in the other order',
      [{ value: '0', context: 'Transaction.Begin' }, { value: '10' }],
      { registerWh: 10 },
    ],
    [
      'that of the beginning where there is no other',
      [{ value: '7', context: 'Transaction.Begin' }],
      { registerWh: 7 },
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
    expect(talk.depot.of('meter-values')[0]?.samples[0]).not.toHaveProperty('currentA')
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
    [{ value: '5', measurand: 'Current.Import', phase: 'constructor' }, 'Current.Import: phase constructor'],
  ])('%j is not read, and named', async (sampled, problem) => {
    const { input } = await tell('MeterValues', values(sampled))
    expect(input).toBeUndefined()
    expect(talk.warnings()[0]).toContain(problem)
  })
})
