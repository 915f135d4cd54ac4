import { as, type IdToken } from '@busbar/model/ids.ts'
import { amps } from '@busbar/units/electricity.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { incidentCodes } from '../four-on-a-feeder.ts'
import { QuirkDepot } from './quirk-depot.ts'

const ODD = {
  default: { quirks: { 'profile.purposes': ['TxDefaultProfile'] } },
  nodefault: { quirks: { 'profile.purposes': ['TxProfile'] } },
  relative: { quirks: { 'profile.kind': 'Relative' } },
  absolute: { quirks: { 'profile.kind': 'Absolute' } },
  stack: { quirks: { 'profile.stack-level': 0 } },
  watts: { quirks: { 'profile.unit': 'W' } },
  'watts-201': { quirks: { 'profile.unit': 'W' }, version: '2.0.1' },
  named: { quirks: { 'profile.transaction-id': 'required' } },
  unnamed: { quirks: { 'profile.transaction-id': 'omit' } },
  ends: { quirks: { 'profile.zero': 'ends' } },
  persists: { quirks: { 'profile.zero': 'ends-and-persists' } },
  twice: { quirks: { 'profile.resend-after-zero': true } },
  each: { quirks: { 'profile.max-is-per-connector': true } },
  spike: { quirks: { 'profile.spike-on-set-s': 20 } },
  forgets: { quirks: { 'profile.lost-on-reconnect': true } },
  bare: { quirks: { 'profile.no-profile-in-start': true } },
  unread: { quirks: { 'profile.verify': 'meter' } },
  key: { quirks: { 'profile.limit-via': { key: 'MaxCurrent', unit: 'A' } } },
} as const
type Id = keyof typeof ODD
const LIMITED = 10
/** Those that are paused; the others are limited. */
const PAUSED: readonly string[] = [
  'nodefault',
  'watts',
  'watts-201',
  'ends',
  'persists',
  'twice',
  'spike',
  'forgets',
  'key',
]

let depot: QuirkDepot
beforeAll(async () => {
  depot = await QuirkDepot.start(ODD)
  for (const id of Object.keys(ODD)) if (id !== 'bare') depot.plugIn(id)
  await depot.pass(60)
  for (const id of Object.keys(ODD)) depot.override(id, PAUSED.includes(id) ? 0 : LIMITED)
  await depot.pass(45)
})
afterAll(() => depot.stop())

const purposes = async (id: Id): Promise<readonly unknown[]> => {
  const calls = await depot.calls(id, 'SetChargingProfile')
  const profiles = calls.map(({ csChargingProfiles }) => Object(csChargingProfiles))
  return [...new Set(profiles.map(({ chargingProfilePurpose }) => chargingProfilePurpose))]
}

test('profile.purposes without that of a transaction: the default holds, counts, and no other is sent', async () => {
  expect(await purposes('default')).toEqual(['TxDefaultProfile'])
  expect(depot.drawA('default')).toBeCloseTo(6, 0)
  expect(depot.heldA('default')).toBe(6)
})

test('profile.purposes without a default: the station counts at its rating, and somebody is told', async () => {
  expect(await purposes('nodefault')).toEqual(['TxProfile'])
  expect(depot.drawA('nodefault')).toBe(0)
  expect(depot.heldA('nodefault')).toBe(32)
  expect(incidentCodes(depot.test)).toContain('limit.fallback-refused')
})

test.each(['relative', 'absolute'] as const)(
  'profile.kind: a station that takes only %s schedules is limited',
  (id) => {
    expect(depot.drawA(id)).toBeCloseTo(LIMITED, 0)
    expect(depot.heldA(id)).toBeCloseTo(LIMITED, 0)
  },
)

test('profile.stack-level: a station that takes one level only is limited', () => {
  expect(depot.drawA('stack')).toBeCloseTo(LIMITED, 0)
})

test.each(['watts', 'watts-201'] as const)(
  'profile.unit: a station that obeys watts only (%s) is told its limit in watts that are no more, and counts at its rating',
  (id) => {
    const limits = depot.happened(id, 'limit').map(({ value }) => Number(value))
    expect(limits).toHaveLength(3)
    expect(limits[0]).toBeCloseTo(6 * 0.9, 0)
    expect(limits[1]).toBeCloseTo(32 * 0.9, 0)
    expect(limits[2]).toBe(0)
    expect(depot.heldA(id)).toBe(32)
  },
)

test.each(['named', 'unnamed'] as const)(
  'profile.transaction-id: the profile of a transaction leaves %s',
  (id) => {
    expect(depot.drawA(id)).toBeCloseTo(LIMITED, 0)
  },
)

test.each(['ends', 'persists'] as const)(
  'profile.zero: a transaction that 0 %s is stopped in order instead',
  async (id) => {
    expect(depot.happened(id, 'transaction-stopped')).toMatchObject([{ reason: 'Remote' }])
    expect(depot.happened(id, 'limit').filter(({ value }) => value === 0)).toEqual([])
    expect((await depot.transactions(id)).map(({ reason }) => reason)).toEqual(['Remote'])
  },
)

test('profile.zero ends-and-persists: the next transaction runs', async () => {
  depot.at('persists').unplug()
  depot.override('persists', LIMITED)
  await depot.pass(2)
  depot.plugIn('persists')
  await depot.until('it charges again', () => depot.drawA('persists') > 6)
  await depot.pass(5)
  expect(depot.drawA('persists')).toBeGreaterThan(6)
})

test('profile.resend-after-zero: the limit after a pause is sent twice, and what may flow in between is counted', async () => {
  const set = () => depot.happened('twice', 'profile-set').length
  expect(depot.drawA('twice')).toBe(0)
  const before = set()
  depot.override('twice', 32)
  await depot.until('it charges again', () => depot.drawA('twice') > 6)
  expect(set() - before).toBe(2)
  expect(depot.heldA('twice')).toBe(32)
})

test('profile.max-is-per-connector: nobody can set the maximum of the whole station', async () => {
  const schedule = { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 12 }] }
  const profile = { chargingProfileId: 4711, stackLevel: 0, chargingProfilePurpose: 'ChargePointMaxProfile' }
  const csChargingProfiles = { ...profile, chargingProfileKind: 'Absolute', chargingSchedule: schedule }
  const answer = await depot.ocpp('each', 'SetChargingProfile', { connectorId: 0, csChargingProfiles })
  expect(JSON.stringify(answer)).toContain('each connector')
  expect(depot.happened('each', 'profile-set').map(({ profileId }) => profileId)).not.toContain(4711)
})

test('profile.spike-on-set-s: the full power after each new limit is counted at all times', async () => {
  expect(depot.drawA('spike')).toBe(0)
  expect(depot.heldA('spike')).toBe(32)
  await depot.test.cut('spike')
  depot.at('spike').restoreLink()
  await depot.until('it draws at a limit of 0 that was sent again', () => depot.drawA('spike') > 20)
  expect(depot.at('spike').offered).toBe(0)
  expect(depot.heldA('spike')).toBe(32)
})

test('profile.lost-on-reconnect: the rating counts, and the limits are back with the link', async () => {
  expect(depot.drawA('forgets')).toBe(0)
  expect(depot.heldA('forgets')).toBe(32)
  await depot.test.cut('forgets')
  await depot.pass(5)
  expect(depot.heldA('forgets')).toBe(32)
  depot.at('forgets').restoreLink()
  await depot.until('it is back', () => depot.seen('forgets').online)
  await depot.pass(10)
  expect(depot.at('forgets').offered).toBe(0)
  expect(depot.drawA('forgets')).toBe(0)
})

test('profile.no-profile-in-start: a start leaves without its profile, and the default bounds it', async () => {
  depot.plugIn('bare', { idToken: 'UNKNOWN' })
  await depot.pass(5)
  const start = {
    kind: 'request-start',
    evse: 1,
    idToken: as<IdToken>('TAG-v-bare'),
    limit: { limit_a: amps(6) },
  } as const
  expect(await depot.send('bare', start)).toMatchObject({ status: 'accepted' })
  await depot.pass(3)
  expect(depot.at('bare').charging).toBe(true)
  expect(depot.heldA('bare')).toBeGreaterThanOrEqual(6)
})

test('profile.verify meter: nothing but a meter proves a limit, and the station is not asked', async () => {
  expect(depot.drawA('unread')).toBeCloseTo(LIMITED, 0)
  const proofs = (await depot.facts('ChargingLimitReleased')).filter(({ station }) => station === 'unread')
  expect(proofs.map(({ proof }) => proof)).not.toContain('settled')
  expect(await depot.calls('unread', 'GetCompositeSchedule')).toEqual([])
})

test('profile.limit-via: a station without charging profiles is limited by its key, and counts at its rating', async () => {
  const values = (await depot.calls('key', 'ChangeConfiguration')).map(({ key, value }) => `${key} ${value}`)
  expect(values).toEqual(expect.arrayContaining(['MaxCurrent 6', 'MaxCurrent 32', 'MaxCurrent 0']))
  expect(await depot.calls('key', 'SetChargingProfile')).toEqual([])
  expect(depot.drawA('key')).toBe(0)
  expect(depot.heldA('key')).toBe(32)
})
