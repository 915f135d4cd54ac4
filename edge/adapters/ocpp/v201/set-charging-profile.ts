import type { Requests } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import { type Instant, later, milliseconds, seconds } from '@busbar/units/time.ts'
import { type ChargingLimit, limitValue } from '../../../domain/limit.ts'
import { toStationTime } from '../station-time.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { type Request, request, type Speech, unnamed } from './request.ts'

type ChargingProfile = Requests['SetChargingProfile']['chargingProfile']
type ChargingSchedule = ChargingProfile['chargingSchedule'][number]

/** A schedule starts this long ago, so that a station whose clock is behind does not wait for it. */
const HEAD_START = seconds(60)
const SECONDS = 1000

/** The same number for the same EVSE and purpose, so that a new profile replaces the old and never stands beside it. */
const profileIdOf = (evse: number, purpose: 'default' | 'transaction'): number =>
  evse * 10 + (purpose === 'default' ? 1 : 2)

/** The EVSE whose transaction's limit has this number; null when it is no such number. */
export const evseOfLimit = (profile: number): number | null =>
  profile > 10 && profileIdOf(Math.floor(profile / 10), 'transaction') === profile
    ? Math.floor(profile / 10)
    : null

/** What every transaction gets until it has a limit of its own; it has no end. @see OCPP 2.0.1 K01 */
export const setDefaultLimit = ({ evse, limit }: CommandOf<'set-default-limit'>, speech: Speech): Request =>
  request(
    speech,
    'SetChargingProfile',
    {
      evseId: evse,
      chargingProfile: {
        id: profileIdOf(evse, 'default'),
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: [scheduleOf(limit, speech.now)],
      },
    },
    statusAnswer('Accepted'),
  )

/** A leased limit of the running transaction: its schedule ends by itself, and the default holds again. */
export function setTransactionLimit(command: CommandOf<'set-transaction-limit'>, speech: Speech): Request {
  const { evse, limit, lease, transaction } = command
  const transactionId = speech.nameOf(transaction)
  if (transactionId === null) return unnamed(transaction)
  const schedule = scheduleOf(limit, speech.now)
  const leaseS = Math.floor(lease / SECONDS)
  const offline = { maxOfflineDuration: leaseS, invalidAfterOfflineDuration: true }
  return request(
    speech,
    'SetChargingProfile',
    {
      evseId: evse,
      chargingProfile: {
        ...transactionProfile(evse, [{ ...schedule, duration: leaseS + HEAD_START / SECONDS }]),
        transactionId,
        // The lease again, for a clock that has gone wrong: a station knows how long it has been offline.
        ...(speech.dialect.offlineLimits ? offline : {}),
      },
    },
    statusAnswer('Accepted'),
  )
}

/** For a transaction that is still to start: it has the id of the limit that will replace it. */
export const startLimit = (evse: number, limit: ChargingLimit, now: Instant): ChargingProfile =>
  transactionProfile(evse, [scheduleOf(limit, now)])

const transactionProfile = (
  evse: number,
  chargingSchedule: readonly ChargingSchedule[],
): ChargingProfile => ({
  id: profileIdOf(evse, 'transaction'),
  stackLevel: 1,
  chargingProfilePurpose: 'TxProfile',
  chargingProfileKind: 'Absolute',
  chargingSchedule,
})

/** One period for the whole schedule. The limit is cut to a tenth, never rounded up. */
const scheduleOf = (limit: ChargingLimit, now: Instant): ChargingSchedule => ({
  id: 1,
  startSchedule: toStationTime(later(now, milliseconds(-HEAD_START))),
  chargingRateUnit: 'limit_a' in limit ? 'A' : 'W',
  chargingSchedulePeriod: [{ startPeriod: 0, limit: tenths(limitValue(limit)) }],
})

/** 1e-6: 16.1 is 160.99999999999997 tenths. */
export const tenths = (value: number): number => Math.max(0, Math.floor(value * 10 + 1e-6)) / 10
