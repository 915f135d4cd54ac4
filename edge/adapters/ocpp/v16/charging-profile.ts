import type { Requests } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import { type Instant, later, milliseconds, seconds } from '@busbar/units/time.ts'
import { type ChargingLimit, limitValue } from '../../../domain/limit.ts'
import { toStationTime } from '../station-time.ts'
import { connectorIdOf } from './addressing.ts'

type ChargingSchedule = Requests['SetChargingProfile']['csChargingProfiles']['chargingSchedule']

/** A schedule starts this long ago, so that a station whose clock is behind does not wait for it. */
export const HEAD_START = seconds(60)

/** The same number for the same EVSE and purpose, so that a new profile replaces the old and never stands beside it. */
export const profileIdOf = (evse: number, purpose: 'default' | 'transaction'): number =>
  connectorIdOf(evse) * 10 + (purpose === 'default' ? 1 : 2)

/** One period for the whole schedule. The limit is cut to the tenth that OCPP 1.6 allows, never rounded up. */
export const scheduleOf = (limit: ChargingLimit, now: Instant): ChargingSchedule => ({
  startSchedule: toStationTime(later(now, milliseconds(-HEAD_START))),
  chargingRateUnit: 'limit_a' in limit ? 'A' : 'W',
  chargingSchedulePeriod: [{ startPeriod: 0, limit: tenths(limitValue(limit)) }],
})

/** 1e-6: 16.1 is 160.99999999999997 tenths. */
const tenths = (value: number): number => Math.max(0, Math.floor(value * 10 + 1e-6)) / 10
