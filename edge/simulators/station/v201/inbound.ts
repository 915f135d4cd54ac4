import { z } from 'zod'
import {
  type CallAnswer,
  type Handler,
  on,
  type StationParts,
  status,
  type TriggeredMessage,
} from '../inbound.ts'
import { OfferedProfile, PROFILE_HANDLERS } from './profiles.ts'
import { UPKEEP_HANDLERS } from './upkeep.ts'
import { VARIABLE_HANDLERS } from './variables.ts'

const Token = z.object({ idToken: z.string().max(36), type: z.string() })
const Place = z.object({ id: z.int().min(0), connectorId: z.int().optional() })

const TRIGGERED: ReadonlyMap<string, TriggeredMessage> = new Map([
  ['BootNotification', 'BootNotification'],
  ['Heartbeat', 'Heartbeat'],
  ['MeterValues', 'MeterValues'],
  ['StatusNotification', 'StatusNotification'],
  ['TransactionEvent', 'MeterValues'],
])

/** What the station's services tell of their progress. */
const REPORTED = new Set(['FirmwareStatusNotification', 'LogStatusNotification'])

const OPERATION_HANDLERS: Readonly<Record<string, Handler>> = {
  RequestStartTransaction: on(
    z.object({
      evseId: z.int().min(1).optional(),
      idToken: Token,
      remoteStartId: z.int(),
      chargingProfile: OfferedProfile.optional(),
    }),
    ({ connector }, { evseId, idToken, chargingProfile }) => {
      const known = evseId === undefined || evseId === 1
      const fits = chargingProfile === undefined || chargingProfile.chargingProfilePurpose === 'TxProfile'
      if (!known || !fits || !connector.startable) return status('Rejected')
      return status('Accepted', () => connector.startFor(idToken.idToken, chargingProfile ?? null))
    },
  ),
  RequestStopTransaction: on(z.object({ transactionId: z.string() }), ({ connector }, { transactionId }) => {
    if (connector.transaction?.id !== transactionId) return status('Rejected')
    return status('Accepted', () => connector.end('Remote'))
  }),
  Reset: on(
    z.object({ type: z.enum(['Immediate', 'OnIdle']), evseId: z.int().optional() }),
    (station, { type, evseId }) => {
      if (evseId !== undefined) return status('Rejected')
      return status('Accepted', () => station.reset(type === 'Immediate' ? 'Hard' : 'Soft'))
    },
  ),
  TriggerMessage: on(
    z.object({ requestedMessage: z.string(), evse: Place.optional() }),
    (station, { requestedMessage, evse }) => {
      if (REPORTED.has(requestedMessage))
        return station.services.answer('TriggerMessage', { requestedMessage }) ?? status('NotImplemented')
      const message = TRIGGERED.get(requestedMessage)
      if (message === undefined) return status('NotImplemented')
      if (evse !== undefined && evse.id > 1) return status('Rejected')
      return status('Accepted', () => station.trigger(message, evse?.id))
    },
  ),
  ChangeAvailability: on(
    z.object({ operationalStatus: z.enum(['Operative', 'Inoperative']), evse: Place.optional() }),
    ({ connector }, { operationalStatus, evse }) =>
      status((evse?.id ?? 0) > 1 ? 'Rejected' : connector.setOperative(operationalStatus === 'Operative')),
  ),
  UnlockConnector: on(
    z.object({ evseId: z.int().min(1), connectorId: z.int().min(1) }),
    ({ connector }, { evseId }) => {
      if (evseId !== 1) return status('UnknownConnector')
      return status(connector.transaction ? 'OngoingAuthorizedTransaction' : 'Unlocked')
    },
  ),
  ClearCache: on(z.object({}), ({ connector }) => {
    connector.clearCache()
    return status('Accepted')
  }),
  DataTransfer: on(z.object({ vendorId: z.string() }), () => status('UnknownVendorId')),
}

const HANDLERS: ReadonlyMap<string, Handler> = new Map(
  Object.entries({ ...OPERATION_HANDLERS, ...PROFILE_HANDLERS, ...UPKEEP_HANDLERS, ...VARIABLE_HANDLERS }),
)

/** Answers a request of the CSMS as a station of this version does. */
export function answerCall201(
  station: StationParts,
  { action, payload, version }: { action: string; payload: unknown; version: string },
): CallAnswer {
  const handler = HANDLERS.get(action)
  if (handler) return handler.handle(station, payload)
  return { error: 'NotImplemented', description: `${action} is not known here in OCPP ${version}` }
}
