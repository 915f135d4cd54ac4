import { fromIso, type Instant, toIso } from '@busbar/units/time.ts'
import { z } from 'zod'
import type { ChargingProfile, ProfilePurpose } from '../charging-profile.ts'
import { compositeSchedule } from '../composite-schedule.ts'
import { type CallAnswer, type Handler, on, refused, type StationParts, status } from '../inbound.ts'
import { ownUnit } from '../offered-limit.ts'

const Time = z
  .string()
  .refine((text) => Number.isFinite(Date.parse(text)), 'expected an ISO 8601 time')
  .transform((text): Instant => fromIso(text))

const PURPOSES = {
  ChargingStationMaxProfile: 'ChargePointMaxProfile',
  TxDefaultProfile: 'TxDefaultProfile',
  TxProfile: 'TxProfile',
} as const satisfies Record<string, ProfilePurpose>
const Purpose = z.enum(['ChargingStationMaxProfile', 'TxDefaultProfile', 'TxProfile'])

const Schedule = z.object({
  id: z.int(),
  duration: z.int().min(0).optional(),
  startSchedule: Time.optional(),
  chargingRateUnit: z.enum(['A', 'W']),
  chargingSchedulePeriod: z
    .array(
      z.object({
        startPeriod: z.int().min(0),
        limit: z.number().min(0),
        numberPhases: z.int().min(1).max(3).optional(),
      }),
    )
    .min(1)
    .refine((periods) => periods[0]?.startPeriod === 0, 'the first period must start at 0'),
  minChargingRate: z.number().optional(),
})

/** @see OCPP 2.0.1 ChargingProfileType; one schedule, since more are for ISO 15118 alone */
const Profile = z
  .object({
    id: z.int(),
    stackLevel: z.int().min(0),
    chargingProfilePurpose: Purpose,
    chargingProfileKind: z.enum(['Absolute', 'Recurring', 'Relative']),
    recurrencyKind: z.enum(['Daily', 'Weekly']).optional(),
    validFrom: Time.optional(),
    validTo: Time.optional(),
    transactionId: z.string().max(36).optional(),
    maxOfflineDuration: z.int().min(0).optional(),
    invalidAfterOfflineDuration: z.boolean().optional(),
    chargingSchedule: z.tuple([Schedule]),
  })
  .transform(
    ({ id, chargingProfilePurpose, chargingSchedule, ...rest }): ChargingProfile => ({
      ...rest,
      chargingProfileId: id,
      chargingProfilePurpose: PURPOSES[chargingProfilePurpose],
      chargingSchedule: chargingSchedule[0],
    }),
  )

export const OfferedProfile = Profile

const Criteria = z.object({
  evseId: z.int().min(0).optional(),
  chargingProfilePurpose: Purpose.optional(),
  stackLevel: z.int().optional(),
})

export const PROFILE_HANDLERS: Readonly<Record<string, Handler>> = {
  SetChargingProfile: on(z.object({ evseId: z.int().min(0), chargingProfile: Profile }), (station, request) =>
    install(station, request.evseId, request.chargingProfile),
  ),
  ClearChargingProfile: on(
    z.object({ chargingProfileId: z.int().optional(), chargingProfileCriteria: Criteria.optional() }),
    (station, { chargingProfileId, chargingProfileCriteria = {} }) => {
      const { evseId, chargingProfilePurpose, stackLevel } = chargingProfileCriteria
      const cleared = station.profiles.clear({
        id: chargingProfileId,
        connectorId: evseId,
        chargingProfilePurpose: chargingProfilePurpose && PURPOSES[chargingProfilePurpose],
        stackLevel,
      })
      if (cleared > 0) station.record('profiles-cleared', { cleared })
      return status(cleared > 0 ? 'Accepted' : 'Unknown')
    },
  ),
  GetCompositeSchedule: on(
    z.object({
      evseId: z.int().min(0),
      duration: z.int().min(1),
      chargingRateUnit: z.enum(['A', 'W']).optional(),
    }),
    (station, request) => composite(station, request),
  ),
  GetChargingProfiles: on(
    z.object({ requestId: z.int(), evseId: z.int().optional(), chargingProfile: z.object({}).loose() }),
    (station, { requestId, evseId }) => {
      const found = station.profiles.installed.filter(
        ({ connectorId }) => evseId === undefined || connectorId === evseId,
      )
      if (found.length === 0) return status('NoProfiles')
      return status('Accepted', () => {
        for (const [index, { connectorId, profile }] of found.entries())
          station.tell('ReportChargingProfiles', {
            requestId,
            chargingLimitSource: 'CSO',
            evseId: connectorId,
            chargingProfile: [wire(profile)],
            tbc: index + 1 < found.length,
          })
      })
    },
  ),
}

function install(station: StationParts, evseId: number, profile: ChargingProfile): CallAnswer {
  const { profiles, connector, misbehaviour } = station
  const refusal = refused(misbehaviour, profile.chargingProfilePurpose)
    ? 'it rejects profiles'
    : profiles.install({ connectorId: evseId, profile }, station.now(), connector.transaction)
  const detail = { profileId: profile.chargingProfileId, purpose: profile.chargingProfilePurpose }
  if (refusal === null) station.record('profile-set', detail)
  else station.record('profile-rejected', { ...detail, reason: refusal })
  return status(refusal === null ? 'Accepted' : 'Rejected')
}

function composite(
  station: StationParts,
  request: { evseId: number; duration: number; chargingRateUnit?: 'A' | 'W' | undefined },
): CallAnswer {
  if (request.evseId > 1 || station.misbehaviour.rejectsComposite) return status('Rejected')
  const from = station.now()
  const unit = request.chargingRateUnit ?? ownUnit(station.rating)
  const durationS = Math.min(request.duration, 86_400)
  const transaction = station.connector.transaction ?? { startedAt: from }
  const window = { from, durationS, unit }
  const periods = compositeSchedule(station.rating, station.profiles.installed, transaction, window)
  return {
    payload: {
      status: 'Accepted',
      schedule: {
        evseId: request.evseId,
        duration: durationS,
        scheduleStart: toIso(from),
        chargingRateUnit: unit,
        chargingSchedulePeriod: periods,
      },
    },
  }
}

function wire(profile: ChargingProfile): object {
  const { chargingProfileId, chargingProfilePurpose, chargingSchedule, validFrom, validTo, ...rest } = profile
  const { startSchedule, ...schedule } = chargingSchedule
  const purpose = Object.entries(PURPOSES).find(([, word]) => word === chargingProfilePurpose)?.[0]
  return {
    ...rest,
    id: chargingProfileId,
    chargingProfilePurpose: purpose,
    ...(validFrom === undefined ? {} : { validFrom: toIso(validFrom) }),
    ...(validTo === undefined ? {} : { validTo: toIso(validTo) }),
    chargingSchedule: [
      { id: 1, ...schedule, ...(startSchedule === undefined ? {} : { startSchedule: toIso(startSchedule) }) },
    ],
  }
}
