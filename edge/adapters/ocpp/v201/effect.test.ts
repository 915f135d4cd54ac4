import { instant } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import { V21, V201 } from './dialect.ts'
import { effectOf } from './effect.ts'
import { outboundOf } from './raw.ts'

const speech = { dialect: V201, now: instant(0), nameOf: () => null }
const schedule = (unit: string, ...limits: number[]) => ({
  id: 1,
  chargingRateUnit: unit,
  chargingSchedulePeriod: limits.map((limit, n) => ({ startPeriod: n * 60, limit })),
})
const profile = (of: object = {}) => ({
  id: 4711,
  stackLevel: 3,
  chargingProfilePurpose: 'TxDefaultProfile',
  chargingProfileKind: 'Absolute',
  chargingSchedule: [schedule('A', 6, 20)],
  ...of,
})
const set = (of: object = {}, evseId = 1) => ({ evseId, chargingProfile: profile(of) })
const clear = (chargingProfileCriteria: object) => ({ chargingProfileCriteria })

test.each<[string, Record<string, unknown>, object]>([
  ['SetChargingProfile', set(), { kind: 'limit', evse: 1, limit: { limit_a: 20 }, profile: 4711 }],
  [
    'SetChargingProfile',
    set({ chargingSchedule: [schedule('W', 7000), schedule('W', 11_000)] }, 0),
    { kind: 'limit', evse: 0, limit: { limit_w: 11_000 } },
  ],
  [
    'SetChargingProfile',
    set({ chargingSchedule: [schedule('W', 7000), schedule('A', 6)] }),
    { kind: 'refused' },
  ],
  ['SetChargingProfile', set({ id: 11 }), { kind: 'refused' }],
  ['SetChargingProfile', set({ chargingProfilePurpose: 'ChargingStationMaxProfile' }, 0), { kind: 'none' }],
  ['ClearChargingProfile', { chargingProfileId: 4711 }, { kind: 'clear', evse: 0 }],
  // 11 is the default of EVSE 1, whatever is said beside it.
  [
    'ClearChargingProfile',
    { chargingProfileId: 11, ...clear({ evseId: 2, chargingProfilePurpose: 'TxProfile' }) },
    { kind: 'clear', evse: 0 },
  ],
  [
    'ClearChargingProfile',
    { chargingProfileId: 11, ...clear({ chargingProfilePurpose: 'ChargingStationMaxProfile' }) },
    { kind: 'clear', evse: 0 },
  ],
  [
    'ClearChargingProfile',
    clear({ evseId: 2, chargingProfilePurpose: 'TxDefaultProfile' }),
    { kind: 'clear', evse: 2 },
  ],
  ['ClearChargingProfile', clear({ chargingProfilePurpose: 'TxProfile' }), { kind: 'none' }],
  [
    'RequestStartTransaction',
    { remoteStartId: 1, idToken: { idToken: 'A', type: 'ISO14443' }, evseId: 1 },
    { kind: 'start', evse: 1, limit: null },
  ],
  ['Reset', { type: 'OnIdle' }, { kind: 'may-raise', reboots: true }],
  ['DataTransfer', { vendorId: 'v' }, { kind: 'may-raise', reboots: false }],
  ['ClearCache', {}, { kind: 'none' }],
  ['Reset', {}, { kind: 'refused' }],
  ['BootNotification', {}, { kind: 'refused' }],
])('%s %j: %j', (action, payload, effect) => {
  expect(effectOf({ action, payload }, speech)).toMatchObject(effect)
})

const periods = (unit: string, ...of: object[]) => [
  {
    ...{ id: 1, chargingRateUnit: unit },
    chargingSchedulePeriod: of.map((each, n) => ({ startPeriod: n * 60, ...each })),
  },
]
const set21 = (unit: string, ...of: object[]) => set({ chargingSchedule: periods(unit, ...of) })

test.each<[string, Record<string, unknown>, object]>([
  [
    'limits of each conductor',
    set21('A', { limit: 6, limit_L2: 10, limit_L3: 32 }),
    { limit: { limit_a: 32 } },
  ],
  [
    'watts of each conductor, which add up',
    set21('W', { limit: 2000, limit_L2: 3000, limit_L3: 1000 }),
    { limit: { limit_w: 9000 } },
  ],
  [
    'a set point',
    set21('A', { limit: 6 }, { operationMode: 'CentralSetpoint', setpoint: 20, setpoint_L3: 24 }),
    { limit: { limit_a: 24 } },
  ],
  ['a set point beside a limit', set21('A', { limit: 6, setpoint: 25 }), { limit: { limit_a: 25 } }],
  ['what bounds nothing', set21('A', { operationMode: 'LocalFrequency', setpoint: 6 }), { kind: 'refused' }],
  [
    'what may be drawn beyond the other profiles',
    set({ chargingProfilePurpose: 'LocalGeneration', chargingSchedule: periods('A', { limit: 4 }) }),
    { kind: 'limit', evse: 1, limit: null, profile: 4711 },
  ],
  [
    'what stands in for the other profiles',
    set({ chargingProfilePurpose: 'PriorityCharging', chargingSchedule: periods('A', { limit: 4 }) }),
    { kind: 'limit', evse: 1, limit: null, profile: 4711 },
  ],
])('2.1: SetChargingProfile with %s: %j', (_what, payload, effect) => {
  expect(effectOf({ action: 'SetChargingProfile', payload }, { ...speech, dialect: V21 })).toMatchObject(
    effect,
  )
})

test('a request that does not fit its schema is refused, whatever it is', () => {
  for (const dialect of [V201, V21])
    for (const action of outboundOf(dialect))
      expect(effectOf({ action, payload: { unheardOf: 1 } }, { ...speech, dialect })).toMatchObject({
        kind: 'refused',
      })
})
