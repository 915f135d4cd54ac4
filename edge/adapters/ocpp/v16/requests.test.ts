import { as, type IdToken, type TransactionId } from '@busbar/model/ids.ts'
import { describe, expect, test } from 'vitest'
import type { StationCommand } from '../../../domain/commands.ts'
import { violationsOf } from '../testing/violations.ts'
import { encode } from './ocpp16.ts'
import { OUTBOUND } from './raw.ts'
import { firmware, MAINTENANCE } from './testing/maintenance-rows.ts'
import { anything, OPERATION, profile } from './testing/operation-rows.ts'
import { LATER, NOW } from './testing/request-row.ts'
import { requestSchema } from './testing/schemas.ts'

const ROWS = [...OPERATION, ...MAINTENANCE]

describe.each(ROWS)('$name', ({ command, action, payload, answers }) => {
  const encoded = encode(command, NOW)

  test('is said in the words of OCPP 1.6', () => {
    expect(encoded).toMatchObject({ action, payload })
    // What is undefined stands in no frame.
    expect('payload' in encoded && JSON.parse(JSON.stringify(encoded.payload))).toEqual(payload)
  })

  test.each(answers)('answered %j', (answer, meaning) => {
    if ('refused' in encoded) return expect.fail(encoded.refused)
    expect(encoded.readAnswer(answer)).toMatchObject(meaning)
  })
})

test.each<[why: string, StationCommand]>([
  ['an EVSE is reset', { kind: 'reset', mode: 'OnIdle', evse: 1 }],
  ['the whole station is unlocked', { kind: 'unlock-connector', evse: 0, connector: 0 }],
  ['profiles are listed', { kind: 'get-charging-profiles', request: 1, matching: anything }],
  ['a transaction event is triggered', { kind: 'trigger', message: 'TransactionEvent', evse: 1 }],
  ['unsigned firmware is installed later', { ...firmware, installAt: LATER }],
  ['a V2G root is installed', { kind: 'install-certificate', use: 'V2GRootCertificate', certificate: 'P' }],
  ['certificates of any use are listed', { kind: 'get-certificates', uses: [] }],
  ['certificates of a V2G use are listed', { kind: 'get-certificates', uses: ['V2GCertificateChain'] }],
  ['a certificate is longer than its schema', { kind: 'certificate-signed', chain: 'x'.repeat(10_001) }],
  [
    'a token is longer than 20',
    {
      kind: 'reserve-now',
      reservation: 1,
      evse: 1,
      idToken: as<IdToken>('x'.repeat(21)),
      group: null,
      expiresAt: NOW,
    },
  ],
  [
    'a vendor name is longer than 255',
    { kind: 'data-transfer', vendor: 'x'.repeat(256), message: null, data: null },
  ],
  [
    'a profile is for an external constraint',
    {
      kind: 'set-charging-profile',
      evse: 1,
      profile: { ...profile, purpose: 'ChargingStationExternalConstraints' },
    },
  ],
  [
    'a profile names a transaction of another version',
    {
      kind: 'set-charging-profile',
      evse: 1,
      profile: { ...profile, transaction: as<TransactionId>('2-0-1') },
    },
  ],
  ['a raw message is one of the station', { kind: 'raw', action: 'BootNotification', payload: {} }],
  ['a raw message is unknown', { kind: 'raw', action: 'constructor', payload: {} }],
  ['a raw message lacks a member', { kind: 'raw', action: 'Reset', payload: {} }],
  ['a raw message has one too many', { kind: 'raw', action: 'Reset', payload: { type: 'Hard', now: true } }],
])('nothing leaves when %s', (_why, command) => {
  expect(encode(command, NOW)).toEqual({ refused: expect.any(String) })
})

test('a raw request leaves as it is, and its answer comes back as it is', () => {
  const encoded = encode({ kind: 'raw', action: 'Reset', payload: { type: 'Soft' } }, NOW)
  if ('refused' in encoded) return expect.fail(encoded.refused)
  expect(encoded).toMatchObject({ action: 'Reset', payload: { type: 'Soft' } })
  expect(encoded.readAnswer({ status: 'Accepted', x: 1 })).toEqual({
    status: 'accepted',
    response: { status: 'Accepted', x: 1 },
  })
  expect(encoded.readAnswer({ status: 'Rejected' })).toEqual({
    status: 'rejected',
    reason: 'Rejected',
    response: { status: 'Rejected' },
  })
})

describe.each(ROWS)('$name, raw', ({ action, payload }) => {
  test.each(violationsOf(requestSchema(action), payload))('S15: $name never leaves', (broken) => {
    const encoded = encode({ kind: 'raw', action, payload: broken.payload as Record<string, unknown> }, NOW)
    expect(encoded).toEqual({ refused: expect.any(String) })
  })
})

test('every message that a CSMS may send in OCPP 1.6 is in this table or beside it', () => {
  const beside = [
    'ChangeAvailability',
    'ChangeConfiguration',
    'GetConfiguration',
    'RemoteStopTransaction',
    'Reset',
  ]
  expect(new Set([...ROWS.map(({ action }) => action), ...beside])).toEqual(new Set(OUTBOUND))
})
