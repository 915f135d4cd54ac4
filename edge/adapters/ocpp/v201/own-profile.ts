import type { Requests } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { ChargingProfile } from '../../../domain/charging-profile.ts'
import type { ProfileMatch } from '../../../domain/commands.ts'
import { toStationTime } from '../station-time.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { type Request, request, type Speech, unnamed } from './request.ts'

type WireProfile = Requests['SetChargingProfile']['chargingProfile']

/** A profile that an engineer wrote, in full. */
export function setChargingProfile(
  { evse, profile }: CommandOf<'set-charging-profile'>,
  speech: Speech,
): Request {
  const { transaction, recurs, validFrom, validTo } = profile
  const name = transaction === null ? undefined : speech.nameOf(transaction)
  if (transaction !== null && name === null) return unnamed(transaction)
  const chargingProfile: WireProfile = {
    id: profile.id,
    stackLevel: profile.stackLevel,
    chargingProfilePurpose: profile.purpose,
    chargingProfileKind: profile.kind,
    ...(recurs === null ? {} : { recurrencyKind: recurs }),
    ...(validFrom === null ? {} : { validFrom: toStationTime(validFrom) }),
    ...(validTo === null ? {} : { validTo: toStationTime(validTo) }),
    ...(typeof name === 'string' ? { transactionId: name } : {}),
    chargingSchedule: [scheduleOf(profile.schedule)],
  }
  return request(speech, 'SetChargingProfile', { evseId: evse, chargingProfile }, statusAnswer('Accepted'))
}

const scheduleOf = (schedule: ChargingProfile['schedule']): WireProfile['chargingSchedule'][number] => ({
  id: 1,
  ...(schedule.startsAt === null ? {} : { startSchedule: toStationTime(schedule.startsAt) }),
  ...(schedule.durationS === null ? {} : { duration: schedule.durationS }),
  chargingRateUnit: schedule.unit,
  chargingSchedulePeriod: schedule.periods.map(({ startS, limit, phases }) => ({
    startPeriod: startS,
    limit,
    ...(phases === null ? {} : { numberPhases: phases }),
  })),
  ...(schedule.minimum === null ? {} : { minChargingRate: schedule.minimum }),
})

/** Clears by purpose, so that what another system has left there goes as well. `Unknown`: nothing matched. */
export const clearLimits = ({ evse, purpose }: CommandOf<'clear-limits'>, speech: Speech): Request =>
  clear(speech, {
    id: null,
    evse,
    purpose: purpose === 'default' ? 'TxDefaultProfile' : 'TxProfile',
    stackLevel: null,
  })

export const clearChargingProfile = (
  { matching }: CommandOf<'clear-charging-profile'>,
  speech: Speech,
): Request => clear(speech, matching)

/** @see OCPP 2.0.1 K10: an id alone, or criteria */
function clear(speech: Speech, { id, evse, purpose, stackLevel }: ProfileMatch): Request {
  const chargingProfileCriteria = {
    ...(evse === null ? {} : { evseId: evse }),
    ...(purpose === null ? {} : { chargingProfilePurpose: purpose }),
    ...(stackLevel === null ? {} : { stackLevel }),
  }
  const payload = id === null ? { chargingProfileCriteria } : { chargingProfileId: id }
  return request(speech, 'ClearChargingProfile', payload, statusAnswer('Accepted'))
}

/** They follow in ReportChargingProfiles; `NoProfiles` is an answer like any other. @see OCPP 2.0.1 K09 */
export const getChargingProfiles = (
  { request: requestId, matching }: CommandOf<'get-charging-profiles'>,
  speech: Speech,
): Request => {
  const { id, evse, purpose, stackLevel } = matching
  const chargingProfile = {
    ...(purpose === null ? {} : { chargingProfilePurpose: purpose }),
    ...(stackLevel === null ? {} : { stackLevel }),
    ...(id === null ? {} : { chargingProfileId: [id] }),
  }
  return request(
    speech,
    'GetChargingProfiles',
    { requestId, ...(evse === null ? {} : { evseId: evse }), chargingProfile },
    statusAnswer('Accepted', 'NoProfiles'),
  )
}
