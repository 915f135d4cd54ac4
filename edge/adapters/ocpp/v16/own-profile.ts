import type { Requests } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { ChargingProfile, ChargingProfilePurpose } from '../../../domain/charging-profile.ts'
import { toStationTime } from '../station-time.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request } from './request.ts'
import { transactionIdOf } from './transaction-id.ts'

type Profile16 = Requests['SetChargingProfile']['csChargingProfiles']

const PURPOSES = {
  ChargingStationMaxProfile: 'ChargePointMaxProfile',
  TxDefaultProfile: 'TxDefaultProfile',
  TxProfile: 'TxProfile',
  ChargingStationExternalConstraints: null,
} as const satisfies Record<ChargingProfilePurpose, Profile16['chargingProfilePurpose'] | null>

/** A profile that an engineer wrote, in full. */
export function setChargingProfile({ evse, profile }: CommandOf<'set-charging-profile'>): Request {
  const purpose = PURPOSES[profile.purpose]
  if (purpose === null) return { refused: `OCPP 1.6 has no ${profile.purpose}` }
  const transactionId = profile.transaction === null ? undefined : transactionIdOf(profile.transaction)
  if (transactionId === null) return { refused: `"${profile.transaction}" is no OCPP 1.6 transaction id` }
  const csChargingProfiles: Profile16 = {
    chargingProfileId: profile.id,
    ...(transactionId === undefined ? {} : { transactionId }),
    stackLevel: profile.stackLevel,
    chargingProfilePurpose: purpose,
    chargingProfileKind: profile.kind,
    ...(profile.recurs === null ? {} : { recurrencyKind: profile.recurs }),
    ...(profile.validFrom === null ? {} : { validFrom: toStationTime(profile.validFrom) }),
    ...(profile.validTo === null ? {} : { validTo: toStationTime(profile.validTo) }),
    chargingSchedule: scheduleOf(profile.schedule),
  }
  return request(
    'SetChargingProfile',
    { connectorId: evse === 0 ? 0 : connectorIdOf(evse), csChargingProfiles },
    statusAnswer('Accepted'),
  )
}

const scheduleOf = (schedule: ChargingProfile['schedule']): Profile16['chargingSchedule'] => ({
  ...(schedule.durationS === null ? {} : { duration: schedule.durationS }),
  ...(schedule.startsAt === null ? {} : { startSchedule: toStationTime(schedule.startsAt) }),
  chargingRateUnit: schedule.unit,
  chargingSchedulePeriod: schedule.periods.map(({ startS, limit, phases }) => ({
    startPeriod: startS,
    limit,
    ...(phases === null ? {} : { numberPhases: phases }),
  })),
  ...(schedule.minimum === null ? {} : { minChargingRate: schedule.minimum }),
})

/** `Unknown`: nothing matched. */
export function clearChargingProfile({ matching }: CommandOf<'clear-charging-profile'>): Request {
  const { id, evse, purpose, stackLevel } = matching
  const purpose16 = purpose === null ? undefined : PURPOSES[purpose]
  if (purpose16 === null) return { refused: `OCPP 1.6 has no ${purpose}` }
  return request(
    'ClearChargingProfile',
    {
      ...(id === null ? {} : { id }),
      ...(evse === null ? {} : { connectorId: evse === 0 ? 0 : connectorIdOf(evse) }),
      ...(purpose16 === undefined ? {} : { chargingProfilePurpose: purpose16 }),
      ...(stackLevel === null ? {} : { stackLevel }),
    },
    statusAnswer('Accepted'),
  )
}
