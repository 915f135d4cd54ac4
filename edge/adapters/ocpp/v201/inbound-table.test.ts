import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Conversation, converse } from '../testing/conversation.ts'
import { about, lackIn, minimalOf, type Subject, violationsOf } from '../testing/violations.ts'
import { INBOUND } from './inbound-actions.ts'
import { routes } from './routes.ts'
import { maximalOf, requestSchema } from './testing/schemas.ts'

const NOW = '2026-12-01T12:00:00Z'
const AT = Date.parse(NOW)

let talk: Conversation
beforeAll(async () => {
  talk = await converse(new FakeClock(AT), 'ocpp2.0.1')
})
afterAll(() => talk.depot.csms.stop())
beforeEach(() => talk.forget())

interface Row {
  readonly action: string
  /** In place of what the schema alone would suggest. */
  readonly with?: Record<string, unknown>
  readonly answer: object
  /** What a question asks about; without it there is an error and nothing is told. */
  readonly asks?: Subject
  /** What the depot is told; null: nothing. */
  readonly becomes: { readonly maximal: object; readonly minimal: object } | null
  /** What a flawed one becomes, when that is something else. */
  readonly flawed?: readonly string[]
}

const OK = {}
const REFUSED = { status: 'Failed', statusInfo: { reasonCode: 'NoService' } }
const kept = (action: string, answer: object = OK, maximal: object = {}): Row => ({
  action,
  answer,
  becomes: {
    maximal: { type: 'station-report', message: action, flag: null, ...maximal },
    minimal: { type: 'station-report', message: action, flag: null },
  },
})

const CSR = '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----'
const TOKEN = { idToken: 'B'.repeat(36), type: 'ISO14443' }
const METER = [
  {
    timestamp: NOW,
    sampledValue: [
      {
        value: 1.2,
        context: 'Transaction.Begin',
        measurand: 'Energy.Active.Import.Register',
        phase: 'L1',
        location: 'Outlet',
        signedMeterValue: {
          signedMeterData: 'AA==',
          signingMethod: '',
          encodingMethod: 'OCMF',
          publicKey: '',
        },
        unitOfMeasure: { unit: 'Wh', multiplier: 3 },
      },
    ],
  },
]
const ROWS: readonly Row[] = [
  {
    // TC_C_02, TC_C_08: a token and what is decided of it.
    action: 'Authorize',
    // A bare text is read as a token.
    asks: { absent: ['idToken', 'idToken.idToken'], odd: ['idToken.idToken'] },
    with: { idToken: TOKEN, certificate: undefined, iso15118CertificateHashData: undefined },
    answer: { idTokenInfo: { status: 'Accepted' } },
    becomes: {
      maximal: { type: 'authorize', idToken: 'B'.repeat(36) },
      minimal: { type: 'authorize', idToken: 'B'.repeat(36) },
    },
  },
  {
    // TC_B_01: cold boot.
    action: 'BootNotification',
    answer: { status: 'Accepted', currentTime: NOW, interval: 300 },
    becomes: {
      maximal: {
        type: 'station-booted',
        vendor: 'x'.repeat(50),
        model: 'x'.repeat(20),
        serial: 'x'.repeat(25),
        firmware: 'x'.repeat(50),
        stationProfile: 'generic',
      },
      minimal: { type: 'station-booted', vendor: 'x'.repeat(50), serial: null, firmware: null },
    },
  },
  kept('ClearedChargingLimit'),
  {
    action: 'DataTransfer',
    asks: about('vendorId'),
    answer: { status: 'UnknownVendorId' },
    becomes: null,
  },
  {
    // TC_L_01: a step of a firmware update.
    action: 'FirmwareStatusNotification',
    answer: OK,
    becomes: {
      maximal: { type: 'firmware-status', status: 'Downloaded', request: 3, flag: null },
      minimal: { type: 'firmware-status', status: 'Downloaded', request: null, flag: null },
    },
  },
  // M01, M02, M06: there is no service for contract certificates here.
  { action: 'Get15118EVCertificate', answer: REFUSED, becomes: null },
  { action: 'GetCertificateStatus', answer: REFUSED, becomes: null },
  // TC_G_20, G02.
  { action: 'Heartbeat', answer: { currentTime: NOW }, becomes: null },
  {
    // TC_N_25: a step of a log's upload.
    action: 'LogStatusNotification',
    answer: OK,
    becomes: {
      maximal: { type: 'log-status', log: null, status: 'BadMessage', request: 3, flag: null },
      minimal: { type: 'log-status', status: 'BadMessage', request: null },
    },
  },
  {
    // TC_J_01: values outside of a transaction.
    action: 'MeterValues',
    with: { evseId: 2, meterValue: METER },
    answer: OK,
    becomes: {
      maximal: {
        type: 'meter-values',
        evse: 2,
        transaction: null,
        samples: [
          {
            time: { at: AT },
            registerWh: 1200,
            signed: [{ context: 'Transaction.Begin', text: expect.stringContaining('"AA=="') }],
          },
        ],
      },
      minimal: { type: 'meter-values', evse: 2, samples: [{ registerWh: 1.2 }] },
    },
  },
  // TC_K_48 and the like: limits that others set.
  kept('NotifyChargingLimit'),
  kept('NotifyCustomerInformation', OK, { request: 3, part: 3, more: true }),
  kept('NotifyDisplayMessages', OK, { request: 3, more: true }),
  // TC_K_53: the balancer's limits are what follows.
  kept('NotifyEVChargingNeeds', { status: 'Processing' }),
  kept('NotifyEVChargingSchedule', { status: 'Accepted' }),
  kept('NotifyEvent', OK, { part: 3, more: true }),
  kept('NotifyMonitoringReport', OK, { request: 3, part: 3, more: true }),
  // TC_B_12 to TC_B_14: the device model, part by part.
  kept('NotifyReport', OK, { request: 3, part: 3, more: true }),
  kept('PublishFirmwareStatusNotification', OK, { request: 3 }),
  kept('ReportChargingProfiles', OK, { request: 3, more: true }),
  kept('ReservationStatusUpdate'),
  {
    // A04: what a station noticed of attacks.
    action: 'SecurityEventNotification',
    answer: OK,
    becomes: {
      maximal: { type: 'security-event', event: 'x'.repeat(50), info: 'x'.repeat(255), time: { at: AT } },
      minimal: { type: 'security-event', event: 'x'.repeat(50), info: null, flag: null },
    },
  },
  {
    // TC_A_11 to TC_A_14: a certificate is asked for.
    action: 'SignCertificate',
    asks: about('csr'),
    with: { csr: CSR, certificateType: 'V2GCertificate' },
    answer: { status: 'Accepted' },
    becomes: {
      maximal: { type: 'certificate-requested', csr: CSR, use: 'V2GCertificate' },
      minimal: { type: 'certificate-requested', csr: CSR, use: 'ChargingStationCertificate' },
    },
  },
  {
    // G01: a connector's status.
    action: 'StatusNotification',
    with: { connectorStatus: 'Occupied' },
    answer: OK,
    becomes: {
      maximal: { type: 'connector-status', evse: 3, connector: 3, status: 'Occupied', chargingState: null },
      minimal: { type: 'connector-status', evse: 3, connector: 3, time: { at: AT, stated: NOW } },
    },
  },
  {
    // TC_E_01 and the like: all that a transaction's event can tell.
    action: 'TransactionEvent',
    with: {
      eventType: 'Ended',
      meterValue: METER,
      offline: false,
      idToken: TOKEN,
      evse: { id: 2, connectorId: 1 },
      transactionInfo: {
        transactionId: 't'.repeat(36),
        chargingState: 'EVConnected',
        timeSpentCharging: 60,
        stoppedReason: 'EVDisconnected',
        remoteStartId: 7,
      },
    },
    answer: { idTokenInfo: { status: 'Accepted' } },
    becomes: {
      maximal: {
        type: 'transaction-event',
        name: 't'.repeat(36),
        seqNo: 3,
        kind: 'Ended',
        offline: false,
        evse: 2,
        connector: 1,
        idToken: 'B'.repeat(36),
        chargingState: 'EVConnected',
        reason: 'EVDisconnected',
        samples: [{ registerWh: 1200 }],
        time: { at: AT, stated: NOW },
      },
      minimal: {
        type: 'transaction-event',
        name: 't'.repeat(36),
        evse: null,
        connector: null,
        idToken: null,
        chargingState: null,
        reason: 'Local',
        samples: [],
      },
    },
    flawed: ['station-report'],
  },
]

/** Sends it; the answer has to be a valid one. */
async function tell(action: string, payload: unknown) {
  const { answer, valid, input } = await talk.tell(action, payload)
  expect(valid, JSON.stringify(answer)).toBe(true)
  return { answer, input }
}

describe.each(ROWS)('$action', ({ action, with: instead, answer, asks, becomes, flawed = [] }) => {
  const schema = requestSchema(action)
  const whole = { ...(maximalOf(schema, NOW) as object), ...instead }
  const maximal = JSON.parse(JSON.stringify(whole))

  test('with everything in it is understood whole', async () => {
    const told = await tell(action, maximal)
    expect(told.answer).toMatchObject(answer)
    if (becomes === null) expect(told.input).toBeUndefined()
    else expect(told.input).toMatchObject({ station: 'CP1', ...becomes.maximal })
    expect(talk.warnings()).toEqual([])
  })

  test('with nothing but what is required is understood', async () => {
    const told = await tell(action, minimalOf(schema, maximal))
    if (action !== 'TransactionEvent') expect(told.answer).toMatchObject(answer)
    if (becomes === null) expect(told.input).toBeUndefined()
    else expect(told.input).toMatchObject(becomes.minimal)
  })

  const all = violationsOf(schema, maximal)
  const lacking = all.filter(({ name }) => lackIn(name, asks) !== null)
  const violations = all.filter((violation) => !lacking.includes(violation))
  if (lacking.length > 0)
    test.each(lacking)('S15: $name is an error and tells nothing', async ({ name, payload }) => {
      expect((await talk.client.call(action, payload)).slice(2, 3)).toEqual([lackIn(name, asks)])
      expect(talk.depot.inputs).toEqual([])
    })
  test.each(violations.length > 0 ? violations : [{ name: 'null', payload: null }])(
    'T9: $name is answered like any other, and never lost',
    async ({ payload }) => {
      const { input } = await tell(action, payload)
      // Meter values without one readable value tell nothing.
      if (action === 'MeterValues' && input === undefined) return
      const type = becomes !== null && 'type' in becomes.maximal ? String(becomes.maximal.type) : undefined
      expect([type, ...flawed]).toContain(input?.type)
    },
  )
})

describe('oddities', () => {
  const event = (over: object) => ({
    eventType: 'Updated',
    timestamp: NOW,
    triggerReason: 'MeterValuePeriodic',
    seqNo: 1,
    transactionInfo: { transactionId: 'tx' },
    ...over,
  })

  test('an unknown event type counts as an update, an unknown reason as Other', async () => {
    const { input } = await tell(
      'TransactionEvent',
      event({ eventType: 'Paused', transactionInfo: { transactionId: 7, stoppedReason: 'Boredom' } }),
    )
    expect(input).toMatchObject({ kind: 'Updated', name: '7', reason: 'Other' })
  })

  test('an event without a number is taken as the next one', async () => {
    expect((await tell('TransactionEvent', event({ seqNo: undefined }))).input).toMatchObject({ seqNo: -1 })
  })

  test('an event that names no transaction is kept, flagged, and answered', async () => {
    const { answer, input } = await tell('TransactionEvent', event({ transactionInfo: {} }))
    expect(answer).toEqual({})
    expect(input).toMatchObject({ type: 'station-report', flag: 'no transaction id' })
  })

  test('a token may be bare text, and a refused one is told in the same answer', async () => {
    talk.depot.onInput = () => ({ outcome: { transaction: '1', status: 'Blocked' } })
    const { answer } = await tell('TransactionEvent', event({ idToken: 'BUS-1' }))
    expect(answer).toEqual({ idTokenInfo: { status: 'Blocked' } })
    expect(talk.depot.inputs[0]).toMatchObject({ idToken: 'BUS-1' })
  })

  test('a report that lacks what it needs is kept and flagged; a long one is cut', async () => {
    expect((await tell('NotifyEvent', { seqNo: 0 })).input).toMatchObject({
      flag: 'no generatedAt, eventData',
    })
    talk.forget()
    const long = await tell('NotifyEvent', { generatedAt: NOW, seqNo: 0, eventData: ['y'.repeat(40_000)] })
    expect(long.input).toMatchObject({
      content: expect.stringMatching(/^.{30000}$/),
      flag: 'only its first 30000 characters are kept',
    })
  })

  test('C07 a contract certificate that nobody can check is not accepted', async () => {
    const { answer, input } = await tell('Authorize', {
      idToken: { idToken: 'EM', type: 'eMAID' },
      certificate: 'PEM',
    })
    expect(answer).toEqual({
      idTokenInfo: { status: 'Invalid' },
      certificateStatus: 'NoCertificateAvailable',
    })
    expect(input).toBeUndefined()
  })

  test('an unknown status counts as occupied, and says so', async () => {
    const { input } = await tell('StatusNotification', { connectorStatus: 'Dreaming', evseId: '1' })
    expect(input).toMatchObject({ evse: 1, connector: 0, status: 'Occupied' })
    expect(talk.warnings()).toHaveLength(1)
  })
})

test('an action that nobody knows is not implemented', async () => {
  for (const action of ['Telepathy', 'StartTransaction', 'NotifyDERAlarm', '__proto__', 'constructor'])
    expect((await talk.client.call(action, {}))[2]).toBe('NotImplemented')
})

test('an action that OCPP 2.0.1 has, but only for the depot to say, is not supported', async () => {
  for (const action of ['Reset', 'SetVariables', 'CostUpdated'])
    expect((await talk.client.call(action, {}))[2]).toBe('NotSupported')
})

test('every message that a station may send in OCPP 2.0.1 is in this table', () => {
  const handled = [...routes({} as Parameters<typeof routes>[0]).keys()]
  expect(new Set(ROWS.map(({ action }) => action))).toEqual(new Set(handled))
  expect(new Set(handled)).toEqual(INBOUND)
})
