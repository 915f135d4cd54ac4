import { as, type IdToken, type TransactionId } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { seconds } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StationCommand } from '../../../domain/commands.ts'
import { V201 } from './dialect.ts'
import { encode } from './ocpp201.ts'
import { OPERATION } from './testing/operation-rows.ts'
import {
  firmware,
  idToken,
  profile,
  setVariable,
  transaction,
  V21_SPEECH,
  V201_SPEECH,
} from './testing/request-row.ts'
import { UPKEEP } from './testing/upkeep-rows.ts'

describe.each([...OPERATION, ...UPKEEP])('$name', ({ command, action, payload, answers }) => {
  const encoded = encode(command, V201_SPEECH)

  test('is said in the words of OCPP 2.0.1', () => {
    expect(encoded).toMatchObject({ action })
    // What is undefined stands in no frame.
    expect('payload' in encoded && JSON.parse(JSON.stringify(encoded.payload))).toEqual(payload)
  })

  test('is the same in OCPP 2.1', () => {
    expect(encode(command, V21_SPEECH)).toMatchObject({ action, payload })
  })

  test.each(answers)('answered %j', (answer, meaning) => {
    if ('refused' in encoded) return expect.fail(encoded.refused)
    expect(encoded.readAnswer(answer)).toMatchObject(meaning)
  })
})

describe('K01 the limits of the balancer', () => {
  const sent = (command: StationCommand, of: typeof V201_SPEECH | typeof V21_SPEECH) => {
    const encoded = encode(command, of)
    return 'refused' in encoded ? encoded : JSON.parse(JSON.stringify(encoded.payload))
  }
  const lease: StationCommand = {
    kind: 'set-transaction-limit',
    evse: 3,
    transaction,
    limit: { limit_a: amps(16.19) },
    lease: seconds(300),
  }

  test('a default is the lowest profile and has no end', () => {
    expect(
      sent({ kind: 'set-default-limit', evse: 3, limit: { limit_w: watts(30_000) } }, V201_SPEECH),
    ).toEqual({
      evseId: 3,
      chargingProfile: {
        id: 31,
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: [
          {
            id: 1,
            startSchedule: '2026-12-01T11:59:00Z',
            chargingRateUnit: 'W',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 30_000 }],
          },
        ],
      },
    })
  })

  test('a leased one ends by itself, names the transaction as the station does, and is never rounded up', () => {
    expect(sent(lease, V201_SPEECH)).toMatchObject({
      evseId: 3,
      chargingProfile: {
        id: 32,
        stackLevel: 1,
        transactionId: 'tx-42',
        chargingSchedule: [{ duration: 360, chargingSchedulePeriod: [{ limit: 16.1 }] }],
      },
    })
    expect(sent(lease, V201_SPEECH).chargingProfile).not.toHaveProperty('maxOfflineDuration')
  })

  test('in OCPP 2.1 it also ends for good when the station has been offline for its lease', () => {
    expect(sent(lease, V21_SPEECH).chargingProfile).toMatchObject({
      maxOfflineDuration: 300,
      invalidAfterOfflineDuration: true,
    })
  })

  test('every limit makes a valid request that is not above it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 500, noNaN: true }), (a) => {
        const payload = sent({ ...lease, limit: { limit_a: amps(a) } }, V201_SPEECH)
        expect(V201.faultOf('SetChargingProfile', payload)).toBeNull()
        const [{ limit }] = payload.chargingProfile.chargingSchedule[0].chargingSchedulePeriod
        expect(limit).toBeLessThanOrEqual(a + 1e-6)
        expect(limit).toBeGreaterThan(a - 0.1001)
      }),
    )
  })
})

test.each<[why: string, StationCommand]>([
  ['a transaction has no name', { kind: 'request-stop', transaction: as<TransactionId>('7') }],
  [
    'a limit is for a transaction without a name',
    {
      kind: 'set-transaction-limit',
      evse: 1,
      transaction: as<TransactionId>('7'),
      limit: { limit_a: amps(6) },
      lease: seconds(300),
    },
  ],
  [
    'a profile is for a transaction without a name',
    { kind: 'set-charging-profile', evse: 1, profile: { ...profile, transaction: as<TransactionId>('7') } },
  ],
  ['a start names no EVSE', { kind: 'request-start', evse: 0, idToken }],
  ['the whole station is unlocked', { kind: 'unlock-connector', evse: 0, connector: 1 }],
  ['a variable has no component', setVariable('Nonsense')],
  ['one of several variables has none', { kind: 'get-variables', names: ['HeartbeatInterval', 'x'] }],
  ['firmware is not signed', { ...firmware, signed: null }],
  ['a V2G chain is installed', { kind: 'install-certificate', use: 'V2GCertificateChain', certificate: 'P' }],
  ['a certificate is longer than its schema', { kind: 'certificate-signed', chain: 'x'.repeat(10_001) }],
  ['a token is longer than 36', { kind: 'request-start', evse: 1, idToken: as<IdToken>('x'.repeat(37)) }],
  ['a raw message is one of the station', { kind: 'raw', action: 'TransactionEvent', payload: {} }],
  ['a raw message is unknown', { kind: 'raw', action: 'constructor', payload: {} }],
  ['a raw message is of 2.1 alone', { kind: 'raw', action: 'UpdateDynamicSchedule', payload: {} }],
])('nothing leaves when %s', (_why, command) => {
  expect(encode(command, V201_SPEECH)).toEqual({ refused: expect.any(String) })
})
