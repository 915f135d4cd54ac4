import { as, type IdToken, type TransactionId } from '@busbar/model/ids.ts'
import schemas from '@busbar/ocpp-schemas/ocpp1.6.json' with { type: 'json' }
import { amps, watts } from '@busbar/units/electricity.ts'
import { fromIso, milliseconds } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { createValidator } from 'ocpp-rpc'
import { describe, expect, test } from 'vitest'
import type { StationCommand } from '../../../domain/commands.ts'
import { encode } from './ocpp16.ts'

const NOW = fromIso('2026-11-21T18:00:00.700Z')
const validator = createValidator('ocpp1.6', schemas)
const sent = (command: StationCommand) => {
  const encoded = encode(command, NOW)
  return 'refused' in encoded ? encoded : { action: encoded.action, payload: encoded.payload }
}
const answered = (command: StationCommand, answer: Record<string, unknown>) => {
  const encoded = encode(command, NOW)
  return 'refused' in encoded ? encoded : encoded.readAnswer(answer)
}
const transaction = as<TransactionId>('42')
const idToken = as<IdToken>('BUS-1')

test.each<[StationCommand, string, object]>([
  [
    { kind: 'clear-limits', evse: 2, purpose: 'default' },
    'ClearChargingProfile',
    { connectorId: 2, chargingProfilePurpose: 'TxDefaultProfile' },
  ],
  [
    { kind: 'clear-limits', evse: 0, purpose: 'transaction' },
    'ClearChargingProfile',
    { connectorId: 0, chargingProfilePurpose: 'TxProfile' },
  ],
  [{ kind: 'request-start', evse: 1, idToken }, 'RemoteStartTransaction', { connectorId: 1, idTag: 'BUS-1' }],
  [{ kind: 'request-stop', transaction }, 'RemoteStopTransaction', { transactionId: 42 }],
  [{ kind: 'reset', mode: 'Immediate' }, 'Reset', { type: 'Hard' }],
  [{ kind: 'reset', mode: 'OnIdle' }, 'Reset', { type: 'Soft' }],
  [
    { kind: 'set-availability', evse: 2, operative: false },
    'ChangeAvailability',
    { connectorId: 2, type: 'Inoperative' },
  ],
  [
    { kind: 'set-availability', evse: 0, operative: true },
    'ChangeAvailability',
    { connectorId: 0, type: 'Operative' },
  ],
  [
    { kind: 'get-composite-limit', evse: 1, unit: 'A' },
    'GetCompositeSchedule',
    { connectorId: 1, duration: 60, chargingRateUnit: 'A' },
  ],
  [
    { kind: 'trigger', message: 'MeterValues', evse: 2 },
    'TriggerMessage',
    { requestedMessage: 'MeterValues', connectorId: 2 },
  ],
  [
    { kind: 'trigger', message: 'BootNotification', evse: null },
    'TriggerMessage',
    { requestedMessage: 'BootNotification' },
  ],
  [
    { kind: 'trigger', message: 'StatusNotification', evse: 0 },
    'TriggerMessage',
    { requestedMessage: 'StatusNotification' },
  ],
  [{ kind: 'get-variables', names: 'all' }, 'GetConfiguration', {}],
  [{ kind: 'get-variables', names: ['A'] }, 'GetConfiguration', { key: ['A'] }],
  [{ kind: 'set-variable', name: 'A', value: '' }, 'ChangeConfiguration', { key: 'A', value: '' }],
])('%j', (command, action, payload) => {
  expect(sent(command)).toEqual({ action, payload })
})

test('a default limit is the lowest profile and has no end', () => {
  expect(sent({ kind: 'set-default-limit', evse: 3, limit: { limit_w: watts(30_000) } })).toEqual({
    action: 'SetChargingProfile',
    payload: {
      connectorId: 3,
      csChargingProfiles: {
        chargingProfileId: 31,
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: {
          startSchedule: '2026-11-21T17:59:00Z',
          chargingRateUnit: 'W',
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 30_000 }],
        },
      },
    },
  })
})

test.each([
  [0, 0],
  [6, 6],
  [16.1, 16.1],
  [16.19, 16.1],
  [0.3, 0.3],
  [-5, 0],
])('a limit of %d A is sent as %d: never more than was allowed', (allowed, expected) => {
  expect(sent({ kind: 'set-default-limit', evse: 1, limit: { limit_a: amps(allowed) } })).toMatchObject({
    payload: { csChargingProfiles: { chargingSchedule: { chargingSchedulePeriod: [{ limit: expected }] } } },
  })
})

test.each<[StationCommand]>([
  [{ kind: 'request-stop', transaction: as<TransactionId>('2-0-1') }],
  [
    {
      kind: 'set-transaction-limit',
      evse: 1,
      transaction: as<TransactionId>('0'),
      limit: { limit_a: amps(6) },
      lease: milliseconds(1),
    },
  ],
  [{ kind: 'request-start', evse: 0, idToken }],
  [{ kind: 'request-start', evse: 1, idToken: as<IdToken>('x'.repeat(21)) }],
  [{ kind: 'set-variable', name: 'x'.repeat(51), value: '' }],
])('%j cannot be said in OCPP 1.6', (command) => {
  expect(sent(command)).toEqual({ refused: expect.any(String) })
})

describe('property: whatever is asked', () => {
  const evse = fc.integer({ min: 0, max: 50 })
  const limit = fc.oneof(
    fc.float({ min: 0, max: 2000, noNaN: true }).map((a) => ({ limit_a: amps(a) })),
    fc.float({ min: 0, max: 1_000_000, noNaN: true }).map((w) => ({ limit_w: watts(w) })),
  )
  const id = fc.integer({ min: 1, max: 2 ** 31 - 1 }).map((n) => as<TransactionId>(String(n)))
  const command: fc.Arbitrary<StationCommand> = fc.oneof(
    fc.record({ kind: fc.constant('set-default-limit' as const), evse, limit }),
    fc.record({
      kind: fc.constant('set-transaction-limit' as const),
      evse,
      transaction: id,
      limit,
      lease: fc.integer({ min: 0, max: 10_000_000 }).map(milliseconds),
    }),
    fc.record({
      kind: fc.constant('clear-limits' as const),
      evse,
      purpose: fc.constantFrom('default', 'transaction'),
    }),
    fc.record({
      kind: fc.constant('request-start' as const),
      evse,
      idToken: fc.string({ maxLength: 30 }).map(as<IdToken>),
    }),
    fc.record({ kind: fc.constant('request-stop' as const), transaction: id }),
    fc.record({ kind: fc.constant('get-variables' as const), names: fc.array(fc.string({ maxLength: 60 })) }),
    fc.record({
      kind: fc.constant('set-variable' as const),
      name: fc.string({ maxLength: 60 }),
      value: fc.string(),
    }),
  )

  test('only what is valid by its schema leaves, and no limit is higher than asked', () => {
    fc.assert(
      fc.property(command, (asked) => {
        const encoded = encode(asked, NOW)
        if ('refused' in encoded) return
        expect(
          validator.validate(`urn:${encoded.action}.req`, JSON.parse(JSON.stringify(encoded.payload))),
        ).toBe(true)
        const found = /"limit":([\d.e+-]+)/.exec(JSON.stringify(encoded.payload))?.[1]
        if (found === undefined || !('limit' in asked)) return
        const most = 'limit_a' in asked.limit ? asked.limit.limit_a : asked.limit.limit_w
        expect(Number(found)).toBeLessThanOrEqual(most + 1e-6)
        expect(Number(found)).toBeGreaterThan(most - 0.1001)
      }),
    )
  })
})

describe('answers', () => {
  const reset: StationCommand = { kind: 'reset', mode: 'OnIdle' }
  test.each([
    [reset, { status: 'Accepted' }, { status: 'accepted' }],
    [reset, { status: ' accepted ' }, { status: 'accepted' }],
    [reset, { status: 'Rejected' }, { status: 'rejected', reason: 'Rejected' }],
    [
      { kind: 'set-variable', name: 'A', value: '1' },
      { status: 'RebootRequired' },
      { status: 'accepted', when: 'RebootRequired' },
    ],
    [
      { kind: 'set-variable', name: 'A', value: '1' },
      { status: 'NotSupported' },
      { status: 'rejected', reason: 'NotSupported' },
    ],
    [
      { kind: 'trigger', message: 'Heartbeat', evse: null },
      { status: 'NotImplemented' },
      { status: 'rejected', reason: 'NotImplemented' },
    ],
    [
      { kind: 'clear-limits', evse: 1, purpose: 'default' },
      { status: 'Unknown' },
      { status: 'rejected', reason: 'Unknown' },
    ],
  ] as const)('to %j: %j', (command, answer, expected) => {
    expect(answered(command, answer)).toEqual(expected)
  })

  test('with a word of no list leave open what the station does', () => {
    for (const answer of [{}, { status: 'OK' }, { status: null }])
      expect(answered(reset, answer)).toMatchObject({ status: 'unanswered', reason: 'error' })
  })

  test("with variables never show the station's key", () => {
    const configurationKey = [
      { key: 'AuthorizationKey', readonly: false, value: '00ff' },
      { key: 'A', readonly: 'true', value: 7 },
      { key: 'B' },
      { value: 'nameless' },
    ]
    expect(answered({ kind: 'get-variables', names: 'all' }, { configurationKey, unknownKey: 'C' })).toEqual({
      status: 'accepted',
      variables: [
        { name: 'AuthorizationKey', value: null, readonly: false },
        { name: 'A', value: '7', readonly: true },
        { name: 'B', value: null, readonly: false },
      ],
      unknown: ['C'],
    })
  })
})

test('availability that takes effect after the running transaction is accepted', () => {
  const command = { kind: 'set-availability', evse: 1, operative: false } as const
  expect(answered(command, { status: 'Scheduled' })).toEqual({ status: 'accepted', when: 'Scheduled' })
  expect(answered(command, { status: 'Rejected' })).toEqual({ status: 'rejected', reason: 'Rejected' })
})

describe('a composite schedule', () => {
  const ask = { kind: 'get-composite-limit', evse: 1, unit: 'A' } as const
  const schedule = (of: object) => ({
    status: 'Accepted',
    connectorId: 1,
    chargingSchedule: {
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
      ...of,
    },
  })

  test('tells the highest limit of its periods', () => {
    const periods = [
      { startPeriod: 0, limit: 6 },
      { startPeriod: 30, limit: '20.5' },
    ]
    expect(answered(ask, schedule({ chargingSchedulePeriod: periods }))).toEqual({
      status: 'accepted',
      limit: { limit_a: 20.5 },
    })
    expect(answered(ask, schedule({ chargingRateUnit: 'W' }))).toEqual({
      status: 'accepted',
      limit: { limit_w: 16 },
    })
  })

  test.each([
    ['without a unit', schedule({ chargingRateUnit: undefined })],
    ['without periods', schedule({ chargingSchedulePeriod: [] })],
    ['with a period that has no limit', schedule({ chargingSchedulePeriod: [{ startPeriod: 0 }] })],
    ['that is absent', { status: 'Accepted' }],
  ])('%s tells nothing', (_which, answer) => {
    expect(answered(ask, answer)).toEqual({ status: 'accepted' })
  })

  test('that the station refuses is refused', () => {
    expect(answered(ask, { status: 'Rejected' })).toEqual({ status: 'rejected', reason: 'Rejected' })
  })
})
