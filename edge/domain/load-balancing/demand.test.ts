import { as, type IdToken, type StationId, type TransactionId, type VehicleId } from '@busbar/model/ids.ts'
import { percent, wattHours } from '@busbar/units/electricity.ts'
import { hours, instant, later, minutes } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { OpenTransaction } from '../charging/transaction.ts'
import type { Departure } from '../inputs.ts'
import { type Need, need, type Readiness, readiness, readyAt, urgency } from './demand.ts'

const NOW = instant(Date.UTC(2026, 10, 21, 18))
const inHours = (h: number) => later(NOW, hours(h))
const BEST_W = 22_000

const transaction: OpenTransaction = {
  transaction: as<TransactionId>('1'),
  station: as<StationId>('A'),
  evse: 1,
  connector: 1,
  idToken: as<IdToken>('T'),
  authorization: 'Accepted',
  vehicle: as<VehicleId>('bus'),
  meterStartWh: wattHours(1000),
  startedAt: NOW,
  registerWh: wattHours(11_000),
  socPct: percent(40),
}
const vehicle = {
  id: as<VehicleId>('bus'),
  idTokens: [],
  evccid: null,
  batteryWh: wattHours(200_000),
  priority: 1,
}
const leaves = (of: Partial<Departure>): Departure => ({
  vehicle: as<VehicleId>('bus'),
  departureAt: inHours(4),
  energyNeededWh: null,
  socNeededPct: null,
  ...of,
})

describe('what a vehicle needs', () => {
  test.each<[string, Parameters<typeof need>[0], number | null]>([
    [
      'is what its departure asks for less what it has got',
      { transaction, vehicle, departure: leaves({ energyNeededWh: wattHours(30_000) }) },
      20_000,
    ],
    [
      'is nothing once it has got that',
      { transaction, vehicle, departure: leaves({ energyNeededWh: wattHours(9000) }) },
      0,
    ],
    [
      'is up to the state of charge its departure asks for',
      { transaction, vehicle, departure: leaves({ socNeededPct: percent(80) }) },
      80_000,
    ],
    [
      'is a full battery when its departure says no more',
      { transaction, vehicle, departure: leaves({}) },
      120_000,
    ],
    ['is a full battery without a departure', { transaction, vehicle, departure: undefined }, 120_000],
    [
      'is unknown without a state of charge',
      { transaction: { ...transaction, socPct: null }, vehicle, departure: leaves({}) },
      null,
    ],
    [
      'is unknown of a vehicle we do not know',
      { transaction, vehicle: undefined, departure: leaves({}) },
      null,
    ],
    [
      'is all of it while no register is known to count from',
      {
        transaction: { ...transaction, meterStartWh: wattHours(-1) },
        vehicle,
        departure: leaves({ energyNeededWh: wattHours(30_000) }),
      },
      30_000,
    ],
  ])('%s', (_sentence, of, wh) => {
    expect(need(of).energyLeftWh).toBe(wh)
  })
})

const needs = (wh: number | null, h: number | null): Need => ({
  energyLeftWh: wh === null ? null : wattHours(wh),
  departureAt: h === null ? null : inHours(h),
})

describe('the urgency of a vehicle', () => {
  test.each<[string, Need, number]>([
    ['is lowest when it has what it needs', needs(0, 1), 0.25],
    ['is 1 when nobody knows when it leaves', needs(50_000, null), 1],
    ['is 1 when nobody knows what it needs', needs(null, 1), 1],
    ['is 1 with ten hours to spare', needs(22_000, 11), 1],
    ['is halfway with an hour to spare', needs(22_000, 2), 2.5],
    ['is near its highest with none to spare', needs(44_000, 2), 3.25],
    ['is highest when it cannot be done in time', needs(220_000, 2), 4],
    ['is highest after its departure', needs(22_000, -5), 4],
  ])('%s', (_sentence, what, weight) => {
    expect(urgency(what, { now: NOW, bestW: BEST_W })).toBe(weight)
  })

  test('comes in quarters and never falls as time passes', () => {
    let before = 0
    for (let m = 0; m < 900; m++) {
      const now = later(NOW, minutes(m))
      const weight = urgency(needs(44_000, 10), { now, bestW: BEST_W })
      expect((weight * 4) % 1).toBe(0)
      expect(weight).toBeGreaterThanOrEqual(before)
      before = weight
    }
    expect(before).toBe(4)
  })
})

describe('the readiness of a vehicle', () => {
  test.each<[string, Need, number | null, Readiness]>([
    ['is ready with nothing left', needs(0, 1), null, 'ready'],
    ['is on track when it is done ten minutes early at this pace', needs(11_000, 1), 22_000, 'on-track'],
    ['is at risk when it is done less than ten minutes early', needs(20_000, 1), 22_000, 'at-risk'],
    ['is at risk when only its best rate would do', needs(20_000, 1), 11_000, 'at-risk'],
    ['is at risk when it stands still but could make it', needs(20_000, 1), 0, 'at-risk'],
    ['is at risk, never on track, when its pace is unknown', needs(1000, 10), null, 'at-risk'],
    ['is not ready when even its best rate would not do', needs(30_000, 1), 22_000, 'not-ready'],
    ['has no data when its need is unknown', needs(null, 1), 22_000, 'no-data'],
    ['has no data when its departure is unknown', needs(1000, null), 22_000, 'no-data'],
  ])('%s', (_sentence, what, powerW, state) => {
    expect(readiness(what, { now: NOW, powerW, bestW: BEST_W })).toBe(state)
  })

  test('tells when, at this pace', () => {
    expect(readyAt(needs(11_000, 5), { now: NOW, powerW: 22_000 })).toBe(inHours(0.5))
    expect(readyAt(needs(11_000, 5), { now: NOW, powerW: 0 })).toBeNull()
    expect(readyAt(needs(0, 5), { now: NOW, powerW: null })).toBe(NOW)
  })
})
