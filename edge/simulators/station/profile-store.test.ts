import { fromIso } from '@busbar/units/time.ts'
import { describe, expect, it } from 'vitest'
import { ChargingProfile } from './charging-profile.ts'
import { compositeSchedule } from './composite-schedule.ts'
import { offeredLimit, type Rating } from './offered-limit.ts'
import { ProfileStore } from './profile-store.ts'

const T0 = fromIso('2026-11-21T18:00:00Z')
const AC: Rating = { kind: 'ac', value: 32, phases: 3 }
const running = { id: 7, startedAt: T0 }

const store = (units: readonly ('A' | 'W')[] = ['A', 'W']) =>
  new ProfileStore({ maxStackLevel: 10, maxPeriods: 3, maxInstalled: 4, units })

function profile(
  members: Record<string, unknown> = {},
  schedule: Record<string, unknown> = {},
): ChargingProfile {
  return ChargingProfile.parse({
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
      ...schedule,
    },
    ...members,
  })
}
const tx = (members: Record<string, unknown> = {}) =>
  profile({ chargingProfileId: 2, chargingProfilePurpose: 'TxProfile', transactionId: 7, ...members })
const max = { chargingProfilePurpose: 'ChargePointMaxProfile' }
const four = [0, 1, 2, 3].map((startPeriod) => ({ startPeriod, limit: 6 }))

describe('OCPP 1.6 5.16: which charging profile a station takes', () => {
  it.each([
    ['a default for the station', 0, profile(), running, null],
    ['a default for the connector', 1, profile(), null, null],
    ['a default for a connector it does not have', 2, profile(), null, 'no connector 2'],
    ['a TxProfile for the transaction that runs', 1, tx(), running, null],
    ['a TxProfile without a transaction', 1, tx(), null, 'no transaction for this TxProfile'],
    [
      'a TxProfile without transactionId',
      1,
      tx({ transactionId: undefined }),
      running,
      'TxProfile without transactionId',
    ],
    [
      'a TxProfile for another transaction',
      1,
      tx({ transactionId: 8 }),
      running,
      'transaction 8 does not run here',
    ],
    [
      'a TxProfile while the CSMS has given no id',
      1,
      tx(),
      { ...running, id: null },
      'no transaction for this TxProfile',
    ],
    ['a TxProfile for transaction 0 while 0 runs', 1, tx({ transactionId: 0 }), { ...running, id: 0 }, null],
    ['a TxProfile for the station', 0, tx(), running, 'TxProfile needs a connector'],
    ['a station maximum', 0, profile(max), null, null],
    ['a station maximum for a connector', 1, profile(max), null, 'ChargePointMaxProfile is for connector 0'],
    [
      'a relative station maximum',
      0,
      profile({ ...max, chargingProfileKind: 'Relative' }),
      null,
      'ChargePointMaxProfile cannot be relative',
    ],
    ['a stack level above its highest', 0, profile({ stackLevel: 11 }), null, 'stack level above 10'],
    [
      'more periods than it holds',
      0,
      profile({}, { chargingSchedulePeriod: four }),
      null,
      'more than 3 periods',
    ],
    [
      'a recurring profile without a start',
      0,
      profile({ chargingProfileKind: 'Recurring' }),
      null,
      'a recurring profile needs startSchedule',
    ],
  ] as const)('%s', (_name, connectorId, given, transaction, refusal) => {
    expect(store().install({ connectorId, profile: given }, T0, transaction)).toBe(refusal)
  })

  it('refuses amperes where only watts are understood', () => {
    expect(store(['W']).install({ connectorId: 0, profile: profile() }, T0, null)).toBe(
      'unit A not supported',
    )
  })

  it('replaces the profile with the same id, and the one with the same purpose, stack level and connector', () => {
    const profiles = store()
    profiles.install({ connectorId: 1, profile: profile() }, T0, null)
    profiles.install({ connectorId: 1, profile: profile({ stackLevel: 4 }) }, T0, null)
    profiles.install({ connectorId: 1, profile: profile({ stackLevel: 4, chargingProfileId: 9 }) }, T0, null)
    expect(profiles.installed.map((entry) => entry.profile.chargingProfileId)).toEqual([9])
  })

  it('drops a TxProfile with its transaction and keeps the default', () => {
    const profiles = store()
    profiles.install({ connectorId: 1, profile: profile() }, T0, running)
    profiles.install({ connectorId: 1, profile: tx() }, T0, running)
    profiles.ended(running)
    expect(profiles.installed.map((entry) => entry.profile.chargingProfileId)).toEqual([1])
  })

  it('clears by id, and by connector, purpose and stack level together', () => {
    const profiles = store()
    profiles.install({ connectorId: 0, profile: profile() }, T0, null)
    profiles.install({ connectorId: 1, profile: tx({ stackLevel: 3 }) }, T0, running)
    expect(profiles.clear({ connectorId: 1, stackLevel: 4 })).toBe(0)
    expect(profiles.clear({ chargingProfilePurpose: 'TxProfile', stackLevel: 3 })).toBe(1)
    expect(profiles.clear({ id: 1 })).toBe(1)
    expect(profiles.clear({})).toBe(0)
  })
})

it('OCPP 1.6 5.7: the composite schedule tells what will be offered, second by second', () => {
  const profiles = store()
  profiles.install({ connectorId: 0, profile: profile() }, T0, null)
  profiles.install(
    {
      connectorId: 1,
      profile: tx({
        chargingSchedule: {
          duration: 300,
          startSchedule: '2026-11-21T17:59:00Z',
          chargingRateUnit: 'A',
          chargingSchedulePeriod: [
            { startPeriod: 0, limit: 16 },
            { startPeriod: 120, limit: 24 },
          ],
        },
      }),
    },
    T0,
    running,
  )
  const request = { from: T0, durationS: 600, unit: 'A' } as const
  const periods = compositeSchedule(AC, profiles.installed, running, request)
  expect(periods).toEqual([
    { startPeriod: 0, limit: 16 },
    { startPeriod: 60, limit: 24 },
    { startPeriod: 240, limit: 10 },
  ])
  for (let s = 0; s < 600; s++) {
    const told = periods.findLast((period) => period.startPeriod <= s)?.limit
    const at = fromIso(new Date(T0 + s * 1000).toISOString())
    expect(told).toBe(offeredLimit(AC, profiles.installed, at, running).value)
  }
})
