import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Conversation, converse } from '../testing/conversation.ts'
import { about, lackIn, minimalOf, type Subject, violationsOf } from '../testing/violations.ts'
import { routes } from './routes.ts'
import { requestSchema } from './testing/schemas.ts'

const NOW = '2026-12-01T12:00:00Z'
const AT = Date.parse(NOW)
const CSR = '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----'

let talk: Conversation
beforeAll(async () => {
  talk = await converse(new FakeClock(AT))
})
afterAll(() => talk.depot.csms.stop())
beforeEach(() => talk.forget())

interface Row {
  readonly action: string
  /** Every member that the schema has, at its longest where that matters. */
  readonly maximal: Record<string, unknown>
  readonly answer: object
  /** What a question asks about; without it there is an error and nothing is told. */
  readonly asks?: Subject
  /** What the depot is told; null: nothing. */
  readonly becomes: { readonly maximal: object; readonly minimal: object } | null
}

const meterValue = [
  {
    timestamp: NOW,
    sampledValue: [
      {
        value: '1200',
        context: 'Sample.Periodic',
        format: 'Raw',
        measurand: 'Energy.Active.Import.Register',
        phase: 'L1',
        location: 'Outlet',
        unit: 'Wh',
      },
    ],
  },
]
const firmware = (status: string, requestId?: number): Row => ({
  action: requestId === undefined ? 'FirmwareStatusNotification' : 'SignedFirmwareStatusNotification',
  maximal: { status, ...(requestId === undefined ? {} : { requestId }) },
  answer: {},
  becomes: {
    maximal: { type: 'firmware-status', status, request: requestId ?? null, flag: null },
    minimal: { type: 'firmware-status', status, request: null, flag: null },
  },
})
const diagnostics = (status: string, meaning: string): Row => ({
  action: 'DiagnosticsStatusNotification',
  maximal: { status },
  answer: {},
  becomes: {
    maximal: { type: 'log-status', log: 'DiagnosticsLog', status: meaning, request: null, flag: null },
    minimal: { type: 'log-status', log: 'DiagnosticsLog', status: meaning },
  },
})
const log = (status: string): Row => ({
  action: 'LogStatusNotification',
  maximal: { status, requestId: 3 },
  answer: {},
  becomes: {
    maximal: { type: 'log-status', log: null, status, request: 3, flag: null },
    minimal: { type: 'log-status', log: null, status, request: null, flag: null },
  },
})
const security = (event: string): Row => ({
  action: 'SecurityEventNotification',
  maximal: { type: event, timestamp: NOW, techInfo: 'y'.repeat(255) },
  answer: {},
  becomes: {
    maximal: { type: 'security-event', event, info: 'y'.repeat(255), time: { at: AT }, flag: null },
    minimal: { type: 'security-event', event, info: null, time: { at: AT }, flag: null },
  },
})

const ROWS: readonly Row[] = [
  {
    action: 'Authorize',
    asks: about('idTag'),
    maximal: { idTag: 'B'.repeat(20) },
    answer: { idTagInfo: { status: 'Accepted' } },
    becomes: {
      maximal: { type: 'authorize', idToken: 'B'.repeat(20) },
      minimal: { type: 'authorize', idToken: 'B'.repeat(20) },
    },
  },
  {
    action: 'BootNotification',
    maximal: {
      chargePointVendor: 'V'.repeat(20),
      chargePointModel: 'M'.repeat(20),
      chargePointSerialNumber: 'S'.repeat(25),
      chargeBoxSerialNumber: 'B'.repeat(25),
      firmwareVersion: 'F'.repeat(50),
      iccid: 'I'.repeat(20),
      imsi: 'I'.repeat(20),
      meterType: 'T'.repeat(25),
      meterSerialNumber: 'N'.repeat(25),
    },
    answer: { status: 'Accepted', currentTime: NOW, interval: 300 },
    becomes: {
      maximal: {
        type: 'station-booted',
        vendor: 'V'.repeat(20),
        serial: 'S'.repeat(25),
        firmware: 'F'.repeat(50),
      },
      minimal: { type: 'station-booted', model: 'M'.repeat(20), serial: null, firmware: null },
    },
  },
  {
    action: 'DataTransfer',
    asks: about('vendorId'),
    maximal: { vendorId: 'v'.repeat(255), messageId: 'm'.repeat(50), data: 'd'.repeat(1000) },
    answer: { status: 'UnknownVendorId' },
    becomes: null,
  },
  // TC_045_1 and TC_045_2: an upload, and one that fails.
  diagnostics('Idle', 'Idle'),
  diagnostics('Uploading', 'Uploading'),
  diagnostics('Uploaded', 'Uploaded'),
  diagnostics('UploadFailed', 'UploadFailure'),
  // TC_044_1 to TC_044_3: an update, and its two failures.
  ...[
    'Idle',
    'Downloading',
    'Downloaded',
    'DownloadFailed',
    'Installing',
    'Installed',
    'InstallationFailed',
  ].map((status) => firmware(status)),
  { action: 'Heartbeat', maximal: {}, answer: { currentTime: NOW }, becomes: null },
  // TC_079: the security log.
  ...[
    'Idle',
    'Uploading',
    'Uploaded',
    'UploadFailure',
    'BadMessage',
    'NotSupportedOperation',
    'PermissionDenied',
  ].map(log),
  {
    action: 'MeterValues',
    maximal: { connectorId: 1, transactionId: 7, meterValue },
    answer: {},
    becomes: {
      maximal: {
        type: 'meter-values',
        evse: 1,
        transaction: '7',
        samples: [{ time: { at: AT }, registerWh: 1200 }],
      },
      minimal: { type: 'meter-values', evse: 1, transaction: null, samples: [{ registerWh: 1200 }] },
    },
  },
  // TC_077 and TC_078: a certificate that one side does not trust.
  security('InvalidChargePointCertificate'),
  security('InvalidCentralSystemCertificate'),
  security('FirmwareUpdated'),
  {
    action: 'SignCertificate',
    asks: about('csr'),
    maximal: { csr: CSR },
    answer: { status: 'Accepted' },
    becomes: {
      maximal: { type: 'certificate-requested', csr: CSR, use: 'ChargingStationCertificate' },
      minimal: { type: 'certificate-requested', csr: CSR },
    },
  },
  // TC_080 and TC_081: a signed update, and one whose signature does not hold.
  ...['DownloadScheduled', 'DownloadPaused', 'SignatureVerified', 'InvalidSignature', 'InstallScheduled'].map(
    (status) => firmware(status, 8),
  ),
  ...['InstallRebooting', 'InstallVerificationFailed', 'Installed'].map((status) => firmware(status, 8)),
  {
    action: 'StartTransaction',
    maximal: { connectorId: 1, idTag: 'B'.repeat(20), meterStart: 100, reservationId: 9, timestamp: NOW },
    answer: { transactionId: 1, idTagInfo: { status: 'Accepted' } },
    becomes: {
      maximal: {
        type: 'transaction-started',
        evse: 1,
        idToken: 'B'.repeat(20),
        meterStartWh: 100,
        reservation: 9,
      },
      minimal: { type: 'transaction-started', evse: 1, connector: 1, time: { at: AT, clock: 'synced' } },
    },
  },
  {
    action: 'StatusNotification',
    maximal: {
      connectorId: 2,
      errorCode: 'ConnectorLockFailure',
      info: 'i'.repeat(50),
      status: 'Faulted',
      timestamp: NOW,
      vendorId: 'v'.repeat(255),
      vendorErrorCode: 'e'.repeat(50),
    },
    answer: {},
    becomes: {
      // TC_024: the lock failed.
      maximal: {
        type: 'connector-status',
        evse: 2,
        status: 'Faulted',
        errorCode: 'ConnectorLockFailure',
        vendorError: 'e'.repeat(50),
        info: 'i'.repeat(50),
      },
      minimal: { type: 'connector-status', evse: 2, info: null, time: { at: AT, stated: null } },
    },
  },
  {
    action: 'StopTransaction',
    maximal: {
      idTag: 'B'.repeat(20),
      meterStop: 900,
      timestamp: NOW,
      transactionId: 7,
      reason: 'EVDisconnected',
      transactionData: meterValue,
    },
    answer: {},
    becomes: {
      maximal: {
        type: 'transaction-ended',
        transaction: '7',
        meterStopWh: 900,
        idToken: 'B'.repeat(20),
        reason: 'EVDisconnected',
        samples: [{ registerWh: 1200 }],
      },
      minimal: { type: 'transaction-ended', idToken: null, reason: 'Local', samples: [] },
    },
  },
]

/** Sends it; the answer has to be a valid one. */
async function tell(action: string, payload: unknown) {
  const { answer, valid, input } = await talk.tell(action, payload)
  expect(valid, JSON.stringify(answer)).toBe(true)
  return { answer, input }
}

describe.each(ROWS)('$action $maximal.status', ({ action, maximal, answer, asks, becomes }) => {
  const schema = requestSchema(action)

  test('with everything in it is understood whole', async () => {
    const told = await tell(action, maximal)
    expect(told.answer).toEqual(answer)
    if (becomes === null) expect(told.input).toBeUndefined()
    else expect(told.input).toMatchObject({ station: 'CP1', ...becomes.maximal })
  })

  test('with nothing but what is required is understood', async () => {
    const told = await tell(action, minimalOf(schema, maximal))
    expect(told.answer).toEqual(answer)
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
      const tells = action !== 'MeterValues' || input !== undefined
      const type = becomes !== null && 'type' in becomes.maximal ? becomes.maximal.type : undefined
      if (tells) expect(input?.type).toBe(type)
    },
  )
})

test('a report that is odd is flagged', async () => {
  const flag = async (action: string, payload: object) => {
    talk.forget()
    return (await tell(action, payload)).input
  }
  expect(await flag('FirmwareStatusNotification', { status: 'Sideways' })).toMatchObject({
    status: 'Sideways',
    flag: 'an unknown status',
  })
  expect(await flag('LogStatusNotification', {})).toMatchObject({ status: 'absent', flag: 'no status' })
  expect(await flag('SecurityEventNotification', {})).toMatchObject({
    event: 'absent',
    time: { at: AT },
    flag: 'no type; the time of receipt is used',
  })
  expect(
    await flag('SecurityEventNotification', { type: 'X', timestamp: NOW, techInfo: 'y'.repeat(5000) }),
  ).toMatchObject({
    info: 'y'.repeat(2000),
    flag: expect.stringContaining('5000 characters'),
  })
})

test('an action that nobody knows is not implemented', async () => {
  for (const action of ['Telepathy', 'TransactionEvent', '__proto__', 'constructor'])
    expect((await talk.client.call(action, {})).slice(0, 3)).toEqual([
      4,
      expect.any(String),
      'NotImplemented',
    ])
})

test('an action that OCPP 1.6 has, but only for the depot to say, is not supported', async () => {
  for (const action of ['Reset', 'GetConfiguration', 'ExtendedTriggerMessage'])
    expect((await talk.client.call(action, {}))[2]).toBe('NotSupported')
})

test('every message that a station may send in OCPP 1.6 is in this table', () => {
  const handled = [...routes({} as Parameters<typeof routes>[0]).keys()]
  expect(new Set(ROWS.map(({ action }) => action))).toEqual(new Set(handled))
})
