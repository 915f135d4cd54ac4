import { amps, watts } from '@busbar/units/electricity.ts'
import { PHASES } from '@busbar/units/per-phase.ts'
import type { RawCommand } from '../../../domain/commands.ts'
import type { ChargingLimit } from '../../../domain/limit.ts'
import type { RequestEffect } from '../../../domain/ports/station-commands.ts'
import type { Payload } from '../rpc/frame.ts'
import { numberOf, objectsOf } from '../tolerant.ts'
import { raw } from './raw.ts'
import type { Speech } from './request.ts'

const NONE: RequestEffect = { kind: 'none' }
const restarts: RequestEffect = { kind: 'may-raise', reboots: true }
/** Purposes of which each only lowers what the others allow. */
const LOWERS: ReadonlySet<unknown> = new Set([
  'ChargingStationMaxProfile',
  'ChargingStationExternalConstraints',
])
/** Purposes of 2.1 that let a transaction draw more than its other profiles say. */
const RAISES: ReadonlySet<unknown> = new Set(['LocalGeneration', 'PriorityCharging'])
/** Our own numbers are ten for each EVSE; no station has this many. */
const OWN_BELOW = 1000

/** Requests that cannot touch limits. Any other one may raise them, for there are many, and of 2.1 more to come. */
const HARMLESS: ReadonlySet<string> = new Set([
  'CancelReservation',
  'CertificateSigned',
  'ChangeAvailability',
  'ClearCache',
  'ClearDisplayMessage',
  'CostUpdated',
  'CustomerInformation',
  'DeleteCertificate',
  'GetBaseReport',
  'GetChargingProfiles',
  'GetCompositeSchedule',
  'GetDisplayMessages',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'GetMonitoringReport',
  'GetReport',
  'GetTransactionStatus',
  'GetVariables',
  'InstallCertificate',
  'RequestStopTransaction',
  'ReserveNow',
  'SendLocalList',
  'SetDisplayMessage',
  'TriggerMessage',
  'UnlockConnector',
])

const EFFECTS: ReadonlyMap<string, (payload: Payload) => RequestEffect> = new Map([
  ['SetChargingProfile', setEffect],
  ['ClearChargingProfile', clearEffect],
  ['RequestStartTransaction', startEffect],
  ['Reset', () => restarts],
  ['UpdateFirmware', () => restarts],
  ['SetNetworkProfile', () => restarts],
])

/** What a raw request of OCPP 2.0.1 or 2.1 can do to limits. */
export function effectOf(
  { action, payload }: Pick<RawCommand, 'action' | 'payload'>,
  speech: Speech,
): RequestEffect {
  const request = raw({ kind: 'raw', action, payload }, speech)
  if ('refused' in request) return { kind: 'refused', reason: request.refused }
  if (HARMLESS.has(action)) return NONE
  return EFFECTS.get(action)?.(payload) ?? { kind: 'may-raise', reboots: false }
}

function setEffect({ evseId, chargingProfile }: Payload): RequestEffect {
  const [profile = {}] = objectsOf(chargingProfile)
  if (LOWERS.has(profile.chargingProfilePurpose)) return NONE
  const read = readProfile(profile)
  if ('refused' in read) return { kind: 'refused', reason: read.refused }
  return { kind: 'limit', evse: numberOf(evseId) ?? 0, ...read }
}

/**
 * Without a default the rating is all that bounds a transaction; its own profile leaves the default behind. An id alone
 * says which profile goes, of whatever purpose and EVSE that is: the criteria bound nothing beside one.
 */
function clearEffect({ chargingProfileId, chargingProfileCriteria }: Payload): RequestEffect {
  if (chargingProfileId !== undefined) return { kind: 'clear', evse: 0 }
  const [criteria = {}] = objectsOf(chargingProfileCriteria)
  const purpose = criteria.chargingProfilePurpose
  if (purpose === 'TxProfile' || LOWERS.has(purpose)) return NONE
  return { kind: 'clear', evse: numberOf(criteria.evseId) ?? 0 }
}

function startEffect({ evseId, chargingProfile }: Payload): RequestEffect {
  const evse = numberOf(evseId) ?? 0
  const [profile] = objectsOf(chargingProfile)
  if (profile === undefined) return { kind: 'start', evse, limit: null, profile: null }
  const read = readProfile(profile)
  if ('refused' in read) return { kind: 'refused', reason: read.refused }
  if (read.limit === null)
    return { kind: 'refused', reason: 'a transaction cannot start with a profile of this purpose' }
  return { kind: 'start', evse, ...read }
}

interface Read {
  /** null: nothing that the profile says bounds it below the rating. */
  readonly limit: ChargingLimit | null
  readonly profile: number
}

/** The most that any of its schedules allows; schedules of both units are no limit that holds. */
function readProfile(profile: Payload): Read | { refused: string } {
  const id = numberOf(profile.id) ?? 0
  if (id > 0 && id < OWN_BELOW)
    return { refused: `profile numbers below ${OWN_BELOW} belong to the load balancer` }
  const schedules = objectsOf(profile.chargingSchedule)
  const units = new Set(schedules.map(({ chargingRateUnit }) => chargingRateUnit))
  const periods = schedules.flatMap(({ chargingSchedulePeriod }) => objectsOf(chargingSchedulePeriod))
  const inWatts = units.has('W')
  const most = Math.max(0, ...periods.map((period) => mostOf(period, inWatts)))
  if (!Number.isFinite(most) || units.size !== 1)
    return { refused: 'a limit is missing, or not all are of one unit' }
  if (RAISES.has(profile.chargingProfilePurpose)) return { limit: null, profile: id }
  return { limit: inWatts ? { limit_w: watts(most) } : { limit_a: amps(most) }, profile: id }
}

/**
 * What a period allows at most on any conductor, in A, or in all, in W: of 2.1, each conductor may have a limit of its
 * own, and a set point stand in place of the limit or beside it. `Infinity` where it has neither.
 */
function mostOf(period: Payload, inWatts: boolean): number {
  const limit = numberOf(period.limit)
  const setpoint = numberOf(period.setpoint)
  if (limit === null && (setpoint === null || period.operationMode !== 'CentralSetpoint'))
    return Number.POSITIVE_INFINITY
  const own = OWN.map((name) => numberOf(period[name])).filter((value) => value !== null)
  const most = Math.max(limit ?? 0, setpoint ?? 0, ...own)
  // With a value of its own for a conductor, `limit` is that of L1 alone.
  return inWatts && own.length > 0 ? most * PHASES.length : most
}
const OWN = ['limit_L2', 'limit_L3', 'setpoint_L2', 'setpoint_L3'] as const
