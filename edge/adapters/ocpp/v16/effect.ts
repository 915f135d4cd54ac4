import { amps, watts } from '@busbar/units/electricity.ts'
import type { RawCommand } from '../../../domain/commands.ts'
import type { ChargingLimit } from '../../../domain/limit.ts'
import type { RequestEffect } from '../../../domain/ports/station-commands.ts'
import type { Payload } from '../rpc/frame.ts'
import { numberOf, objectsOf } from '../tolerant.ts'
import { profileIdOf } from './charging-profile.ts'
import { raw } from './raw.ts'

const NONE: RequestEffect = { kind: 'none' }
const restarts: RequestEffect = { kind: 'may-raise', reboots: true }
const anything: RequestEffect = { kind: 'may-raise', reboots: false }

/** Requests that can touch limits; every other one cannot. */
const EFFECTS: ReadonlyMap<string, (payload: Payload) => RequestEffect> = new Map([
  ['SetChargingProfile', setEffect],
  ['ClearChargingProfile', clearEffect],
  ['RemoteStartTransaction', startEffect],
  // A key or a vendor's message may switch limits off, and a restart or another firmware may forget them.
  ['ChangeConfiguration', () => anything],
  ['DataTransfer', () => anything],
  ['Reset', () => restarts],
  ['UpdateFirmware', () => restarts],
  ['SignedUpdateFirmware', () => restarts],
])

/** What a raw request of OCPP 1.6 can do to limits. */
export function effectOf({ action, payload }: Pick<RawCommand, 'action' | 'payload'>): RequestEffect {
  const request = raw({ kind: 'raw', action, payload })
  if ('refused' in request) return { kind: 'refused', reason: request.refused }
  return EFFECTS.get(action)?.(payload) ?? NONE
}

/** A profile of the whole station only lowers what the others allow. */
function setEffect({ connectorId, csChargingProfiles }: Payload): RequestEffect {
  const [profile = {}] = objectsOf(csChargingProfiles)
  if (profile.chargingProfilePurpose === 'ChargePointMaxProfile') return NONE
  const evse = numberOf(connectorId) ?? 0
  const read = readProfile(profile)
  return 'refused' in read ? { kind: 'refused', reason: read.refused } : { kind: 'limit', evse, ...read }
}

/**
 * Transactions fall back to the default, which is counted anyway; without a default to the rating. An id alone says
 * which profile goes, of whatever purpose and EVSE that is: the other criteria bound nothing beside one.
 */
function clearEffect({ id, connectorId, chargingProfilePurpose }: Payload): RequestEffect {
  if (id !== undefined) return { kind: 'clear', evse: 0 }
  const harmless =
    chargingProfilePurpose === 'TxProfile' || chargingProfilePurpose === 'ChargePointMaxProfile'
  return harmless ? NONE : { kind: 'clear', evse: numberOf(connectorId) ?? 0 }
}

function startEffect({ connectorId, chargingProfile }: Payload): RequestEffect {
  const evse = numberOf(connectorId) ?? 0
  const [profile] = objectsOf(chargingProfile)
  if (profile === undefined) return { kind: 'start', evse, limit: null, profile: null }
  const read = readProfile(profile)
  return 'refused' in read ? { kind: 'refused', reason: read.refused } : { kind: 'start', evse, ...read }
}

/** The most a profile allows; a profile under a number of ours would stand in the place of our own limit. */
function readProfile(profile: Payload): { limit: ChargingLimit; profile: number } | { refused: string } {
  const id = numberOf(profile.chargingProfileId) ?? 0
  const own = [1, 2].includes(((id % 10) + 10) % 10) && id >= profileIdOf(1, 'default') && id < OWN_BELOW
  if (own)
    return { refused: `the profile number ${id} belongs to the load balancer; take one from ${OWN_BELOW} on` }
  const [schedule = {}] = objectsOf(profile.chargingSchedule)
  const limits = objectsOf(schedule.chargingSchedulePeriod).map(({ limit }) => numberOf(limit))
  const most = Math.max(0, ...limits.map((limit) => limit ?? Number.POSITIVE_INFINITY))
  if (!Number.isFinite(most)) return { refused: 'a period without a limit' }
  return {
    limit: schedule.chargingRateUnit === 'W' ? { limit_w: watts(most) } : { limit_a: amps(most) },
    profile: id,
  }
}

/** Our own numbers are ten for each EVSE; no station has this many. */
const OWN_BELOW = 1000
