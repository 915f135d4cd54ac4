import type { Instant } from '@busbar/units/time.ts'
import type { StationCommand } from '../../../domain/commands.ts'
import type { OcppVersion } from '../rpc/route.ts'
import type { CommandOf } from '../status-answer.ts'
import { certificateSigned, deleteCertificate, getCertificates, installCertificate } from './certificates.ts'
import type { V201Context } from './context.ts'
import { type Dialect, V21, V201 } from './dialect.ts'
import { effectOf } from './effect.ts'
import { getComposite, getCompositeSchedule } from './get-composite-schedule.ts'
import {
  cancelReservation,
  clearCache,
  getLocalListVersion,
  reserveNow,
  sendLocalList,
} from './local-authorization.ts'
import { getLog, updateFirmware } from './maintenance.ts'
import { reset, sendDataTransfer, setAvailability, trigger, unlockConnector } from './operation.ts'
import { clearChargingProfile, clearLimits, getChargingProfiles, setChargingProfile } from './own-profile.ts'
import { raw } from './raw.ts'
import type { Request, Speech } from './request.ts'
import { requestStart } from './request-start-transaction.ts'
import { requestStop } from './request-stop-transaction.ts'
import { routes, routes21 } from './routes.ts'
import { setDefaultLimit, setTransactionLimit } from './set-charging-profile.ts'
import { changePassword, getVariables, setVariable } from './variables.ts'

const version = (context: V201Context, dialect: Dialect): OcppVersion => ({
  subprotocol: dialect.subprotocol,
  routes: dialect.subprotocol === 'ocpp2.1' ? routes21(context) : routes(context),
  knows: (action) => dialect.knows(action),
  encode: (command, now: Instant) => encode(command, { dialect, now, nameOf: context.nameOf }),
  faultOf: (action, payload) => dialect.faultOf(action, payload),
  effectOf: (request) => effectOf(request, { dialect, now: context.clock.now(), nameOf: context.nameOf }),
})

/** OCPP 2.0.1 over JSON. */
export const ocpp201 = (context: V201Context): OcppVersion => version(context, V201)

/** OCPP 2.1 over JSON, as far as it is the same, with limits that end offline. */
export const ocpp21 = (context: V201Context): OcppVersion => version(context, V21)

type Kind = StationCommand['kind']
type Encoders = { readonly [K in Kind]: (command: CommandOf<K>, speech: Speech) => Request }

const ENCODERS: Encoders = {
  'set-default-limit': setDefaultLimit,
  'set-transaction-limit': setTransactionLimit,
  'clear-limits': clearLimits,
  'request-start': requestStart,
  'request-stop': requestStop,
  reset,
  'set-availability': setAvailability,
  'unlock-connector': unlockConnector,
  trigger,
  'data-transfer': sendDataTransfer,
  'get-variables': getVariables,
  'set-variable': setVariable,
  'change-password': changePassword,
  'clear-cache': clearCache,
  'get-local-list-version': getLocalListVersion,
  'send-local-list': sendLocalList,
  'reserve-now': reserveNow,
  'cancel-reservation': cancelReservation,
  'get-composite-limit': getComposite,
  'get-composite-schedule': getCompositeSchedule,
  'set-charging-profile': setChargingProfile,
  'clear-charging-profile': clearChargingProfile,
  'get-charging-profiles': getChargingProfiles,
  'get-log': getLog,
  'update-firmware': updateFirmware,
  'install-certificate': installCertificate,
  'delete-certificate': deleteCertificate,
  'get-certificates': getCertificates,
  'certificate-signed': certificateSigned,
  raw,
}

/** A command in the words of OCPP 2.0.1 or 2.1. */
export function encode(command: StationCommand, speech: Speech): Request {
  // The table has an encoder for each kind; a union of functions cannot be called with a union of their arguments.
  const encoder = ENCODERS[command.kind] as (command: StationCommand, speech: Speech) => Request
  return encoder(command, speech)
}
