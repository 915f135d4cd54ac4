import { expect, test } from 'vitest'
import { effectOf } from './effect.ts'
import { OUTBOUND } from './raw.ts'

const schedule = (unit: string, ...limits: number[]) => ({
  chargingRateUnit: unit,
  chargingSchedulePeriod: limits.map((limit, n) => ({ startPeriod: n * 60, limit })),
})
const profile = (of: object = {}) => ({
  chargingProfileId: 4711,
  stackLevel: 3,
  chargingProfilePurpose: 'TxDefaultProfile',
  chargingProfileKind: 'Absolute',
  chargingSchedule: schedule('A', 6, 20, 10),
  ...of,
})
const set = (of: object = {}, connectorId = 1) => ({ connectorId, csChargingProfiles: profile(of) })

test.each<[string, Record<string, unknown>, object]>([
  ['SetChargingProfile', set(), { kind: 'limit', evse: 1, limit: { limit_a: 20 }, profile: 4711 }],
  ['SetChargingProfile', set({}, 0), { kind: 'limit', evse: 0, limit: { limit_a: 20 } }],
  [
    'SetChargingProfile',
    set({ chargingSchedule: schedule('W', 11_000) }),
    { kind: 'limit', limit: { limit_w: 11_000 } },
  ],
  ['SetChargingProfile', set({ chargingProfilePurpose: 'ChargePointMaxProfile' }, 0), { kind: 'none' }],
  [
    'SetChargingProfile',
    set({ chargingProfileId: 11 }),
    { kind: 'refused', reason: expect.stringContaining('11') },
  ],
  ['SetChargingProfile', set({ chargingProfileId: 32 }), { kind: 'refused' }],
  ['SetChargingProfile', set({ chargingProfileId: 13 }), { kind: 'limit', profile: 13 }],
  ['ClearChargingProfile', {}, { kind: 'clear', evse: 0 }],
  ['ClearChargingProfile', { id: 4711 }, { kind: 'clear', evse: 0 }],
  // 11 is the default of EVSE 1, whatever is said beside it.
  [
    'ClearChargingProfile',
    { id: 11, connectorId: 2, chargingProfilePurpose: 'TxProfile' },
    { kind: 'clear', evse: 0 },
  ],
  [
    'ClearChargingProfile',
    { id: 0, chargingProfilePurpose: 'ChargePointMaxProfile' },
    { kind: 'clear', evse: 0 },
  ],
  [
    'ClearChargingProfile',
    { connectorId: 2, chargingProfilePurpose: 'TxDefaultProfile' },
    { kind: 'clear', evse: 2 },
  ],
  ['ClearChargingProfile', { chargingProfilePurpose: 'TxProfile' }, { kind: 'none' }],
  ['ClearChargingProfile', { chargingProfilePurpose: 'ChargePointMaxProfile' }, { kind: 'none' }],
  ['RemoteStartTransaction', { idTag: 'A' }, { kind: 'start', evse: 0, limit: null, profile: null }],
  [
    'RemoteStartTransaction',
    { idTag: 'A', connectorId: 1, chargingProfile: profile({ chargingProfilePurpose: 'TxProfile' }) },
    { kind: 'start', evse: 1, limit: { limit_a: 20 }, profile: 4711 },
  ],
  ['ChangeConfiguration', { key: 'X', value: '1' }, { kind: 'may-raise', reboots: false }],
  ['DataTransfer', { vendorId: 'v' }, { kind: 'may-raise', reboots: false }],
  ['Reset', { type: 'Soft' }, { kind: 'may-raise', reboots: true }],
  [
    'UpdateFirmware',
    { location: 'https://x/y', retrieveDate: '2026-12-01T12:00:00Z' },
    { kind: 'may-raise', reboots: true },
  ],
  ['ClearCache', {}, { kind: 'none' }],
  ['RemoteStopTransaction', { transactionId: 1 }, { kind: 'none' }],
  ['TriggerMessage', { requestedMessage: 'Heartbeat' }, { kind: 'none' }],
  ['Reset', {}, { kind: 'refused' }],
  ['BootNotification', {}, { kind: 'refused' }],
  ['Telepathy', {}, { kind: 'refused' }],
])('%s %j: %j', (action, payload, effect) => {
  expect(effectOf({ action, payload })).toMatchObject(effect)
})

test('a request that does not fit its schema is refused, whatever it is', () => {
  for (const action of OUTBOUND)
    expect(effectOf({ action, payload: { unheardOf: 1 } })).toMatchObject({ kind: 'refused' })
})
