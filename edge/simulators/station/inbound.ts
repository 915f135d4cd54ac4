import { type Instant, toIso } from '@busbar/units/time.ts'
import { z } from 'zod'
import { ChargingProfile } from './charging-profile.ts'
import { compositeSchedule } from './composite-schedule.ts'
import type { Configuration } from './configuration.ts'
import type { Connector } from './connector.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import { ownUnit, type Rating } from './offered-limit.ts'
import type { ProfileStore } from './profile-store.ts'
import type { Services } from './services/services.ts'

/** What the handlers may touch of the station. */
export interface StationParts {
  readonly rating: Rating
  readonly configuration: Configuration
  readonly profiles: ProfileStore
  readonly connector: Connector
  readonly misbehaviour: Misbehaviour
  now(): Instant
  reset(mode: 'Hard' | 'Soft'): void
  trigger(message: TriggeredMessage, connectorId: number | undefined): void
  setSecret(secret: Buffer): void
  record(kind: string, detail: Readonly<Record<string, unknown>>): void
  /** Sends a message of its own; its answer changes nothing. */
  tell(action: string, payload: Readonly<Record<string, unknown>>): void
  readonly services: Pick<Services, 'answer'>
}

const TRIGGERED = ['BootNotification', 'Heartbeat', 'StatusNotification', 'MeterValues'] as const
export type TriggeredMessage = (typeof TRIGGERED)[number]

/** What a call gets. `then` runs once the answer is on the wire. */
export type CallAnswer =
  | { readonly payload: Readonly<Record<string, unknown>>; readonly then?: () => void }
  | { readonly error: 'NotImplemented' | 'NotSupported' | 'FormationViolation'; readonly description: string }

export interface Handler {
  handle(station: StationParts, payload: unknown): CallAnswer
}

/** A handler that runs only on a payload of the right shape. */
export function on<T>(
  shape: z.ZodType<T>,
  answer: (station: StationParts, request: T) => CallAnswer,
): Handler {
  return {
    handle(station, payload) {
      const request = shape.safeParse(payload ?? {})
      if (request.success) return answer(station, request.data)
      return { error: 'FormationViolation', description: z.prettifyError(request.error).slice(0, 250) }
    },
  }
}

export const answered = (payload: Readonly<Record<string, unknown>>, then?: () => void): CallAnswer =>
  then ? { payload, then } : { payload }

export const status = (text: string, then?: () => void): CallAnswer => answered({ status: text }, then)

const Nothing = z.object({})
const Connector01 = z.int().min(0)
const IdTag = z.string().min(1).max(20)

const HANDLERS: Readonly<Record<string, Handler>> = {
  SetChargingProfile: on(
    z.object({ connectorId: Connector01, csChargingProfiles: ChargingProfile }),
    (station, { connectorId, csChargingProfiles }) => {
      const { profiles, connector } = station
      const profile = station.misbehaviour.ignoresDurations ? endless(csChargingProfiles) : csChargingProfiles
      const refuses = refused(station.misbehaviour, profile.chargingProfilePurpose)
      const refusal = refuses
        ? 'it rejects profiles'
        : profiles.install({ connectorId, profile }, station.now(), connector.transaction)
      const detail = { profileId: profile.chargingProfileId, purpose: profile.chargingProfilePurpose }
      if (refusal === null) station.record('profile-set', detail)
      else station.record('profile-rejected', { ...detail, reason: refusal })
      return status(refusal === null ? 'Accepted' : 'Rejected')
    },
  ),
  ClearChargingProfile: on(
    z.object({
      id: z.int().optional(),
      connectorId: Connector01.optional(),
      chargingProfilePurpose: z.enum(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile']).optional(),
      stackLevel: z.int().optional(),
    }),
    (station, filter) => {
      const cleared = station.profiles.clear(filter)
      if (cleared > 0) station.record('profiles-cleared', { cleared })
      return status(cleared > 0 ? 'Accepted' : 'Unknown')
    },
  ),
  GetCompositeSchedule: on(
    z.object({
      connectorId: Connector01,
      duration: z.int().min(1),
      chargingRateUnit: z.enum(['A', 'W']).optional(),
    }),
    (station, request) => composite(station, request),
  ),
  GetConfiguration: on(z.object({ key: z.array(z.string()).optional() }), ({ configuration }, { key }) => ({
    payload: { ...configuration.read(key ?? []) },
  })),
  ChangeConfiguration: on(z.object({ key: z.string(), value: z.string() }), (station, { key, value }) => {
    if (key === 'AuthorizationKey') return changeSecret(station, value)
    const answer = station.configuration.change(key, value)
    station.record('configuration', { key, value, answer })
    return status(answer)
  }),
  RemoteStartTransaction: on(
    z.object({
      connectorId: Connector01.optional(),
      idTag: IdTag,
      chargingProfile: ChargingProfile.optional(),
    }),
    ({ connector }, { connectorId, idTag, chargingProfile }) => {
      const known = connectorId === undefined || connectorId === 1
      const fits = chargingProfile === undefined || chargingProfile.chargingProfilePurpose === 'TxProfile'
      if (!known || !fits || !connector.startable) return status('Rejected')
      return status('Accepted', () => connector.startFor(idTag, chargingProfile ?? null))
    },
  ),
  RemoteStopTransaction: on(z.object({ transactionId: z.int() }), ({ connector }, { transactionId }) => {
    if (connector.transaction?.id !== transactionId) return status('Rejected')
    return status('Accepted', () => connector.end('Remote'))
  }),
  Reset: on(z.object({ type: z.enum(['Hard', 'Soft']) }), (station, { type }) =>
    status('Accepted', () => station.reset(type)),
  ),
  TriggerMessage: on(
    z.object({ requestedMessage: z.string(), connectorId: z.int().optional() }),
    (station, { requestedMessage, connectorId }) => {
      const message = TRIGGERED.find((known) => known === requestedMessage)
      if (!message) return status('NotImplemented')
      if (connectorId !== undefined && (connectorId < 0 || connectorId > 1)) return status('Rejected')
      return status('Accepted', () => station.trigger(message, connectorId))
    },
  ),
  ChangeAvailability: on(
    z.object({ connectorId: Connector01, type: z.enum(['Operative', 'Inoperative']) }),
    ({ connector }, { connectorId, type }) =>
      status(connectorId > 1 ? 'Rejected' : connector.setOperative(type === 'Operative')),
  ),
  UnlockConnector: on(z.object({ connectorId: z.int().min(1) }), ({ connector }, { connectorId }) => {
    if (connectorId !== 1) return status('NotSupported')
    return status('Unlocked', () => connector.end('UnlockCommand'))
  }),
  ClearCache: on(Nothing, ({ connector }) => {
    connector.clearCache()
    return status('Accepted')
  }),
  DataTransfer: on(z.object({ vendorId: z.string() }), () => status('UnknownVendorId')),
}

export function answerCall(station: StationParts, action: string, payload: unknown): CallAnswer {
  const handler = Object.hasOwn(HANDLERS, action) ? HANDLERS[action] : undefined
  if (handler) return handler.handle(station, payload)
  return { error: 'NotImplemented', description: `${action} is not known here` }
}

/** The profile without the end of its schedule. */
function endless(profile: ChargingProfile): ChargingProfile {
  const { duration: _, ...chargingSchedule } = profile.chargingSchedule
  return { ...profile, chargingSchedule }
}

export const refused = ({ rejectsProfiles }: Misbehaviour, purpose: string): boolean =>
  rejectsProfiles === 'all' || (rejectsProfiles === 'transaction' && purpose === 'TxProfile')

function composite(
  station: StationParts,
  request: { connectorId: number; duration: number; chargingRateUnit?: 'A' | 'W' | undefined },
): CallAnswer {
  if (request.connectorId > 1 || station.misbehaviour.rejectsComposite) return status('Rejected')
  const from = station.now()
  const unit = request.chargingRateUnit ?? ownUnit(station.rating)
  const durationS = Math.min(request.duration, 86_400)
  const transaction = station.connector.transaction ?? { startedAt: from }
  const periods = compositeSchedule(station.rating, station.profiles.installed, transaction, {
    from,
    durationS,
    unit,
  })
  return {
    payload: {
      status: 'Accepted',
      connectorId: request.connectorId,
      scheduleStart: toIso(from),
      chargingSchedule: {
        duration: durationS,
        startSchedule: toIso(from),
        chargingRateUnit: unit,
        chargingSchedulePeriod: periods,
      },
    },
  }
}

/** The key travels as hex and is used as the bytes it stands for. @see OCPP-J 1.6 section 6.2.1 */
function changeSecret(station: StationParts, hex: string): CallAnswer {
  if (!/^([0-9a-f]{2}){16,20}$/i.test(hex)) return status('Rejected')
  return status('Accepted', () => station.setSecret(Buffer.from(hex, 'hex')))
}
