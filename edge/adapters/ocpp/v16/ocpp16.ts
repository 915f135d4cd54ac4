import type { Instant } from '@busbar/units/time.ts'
import type { StationCommand } from '../../../domain/commands.ts'
import type { OcppVersion } from '../rpc/route.ts'
import type { CommandOf } from '../status-answer.ts'
import { cancelReservation } from './cancel-reservation.ts'
import { certificateSigned, deleteCertificate, getCertificates, installCertificate } from './certificates.ts'
import { setAvailability } from './change-availability.ts'
import { changePassword, setVariable } from './change-configuration.ts'
import { clearCache } from './clear-cache.ts'
import { clearLimits } from './clear-charging-profile.ts'
import type { V16Context } from './context.ts'
import { effectOf } from './effect.ts'
import { getComposite, getCompositeSchedule } from './get-composite-schedule.ts'
import { getVariables } from './get-configuration.ts'
import { getLocalListVersion } from './get-local-list-version.ts'
import { getLog } from './get-log.ts'
import { clearChargingProfile, setChargingProfile } from './own-profile.ts'
import { raw } from './raw.ts'
import { requestStart } from './remote-start-transaction.ts'
import { requestStop } from './remote-stop-transaction.ts'
import { faultOf, knows, type Request } from './request.ts'
import { reserveNow } from './reserve-now.ts'
import { reset } from './reset.ts'
import { routes } from './routes.ts'
import { sendDataTransfer } from './send-data-transfer.ts'
import { sendLocalList } from './send-local-list.ts'
import { setDefaultLimit, setTransactionLimit } from './set-charging-profile.ts'
import { trigger } from './trigger-message.ts'
import { unlockConnector } from './unlock-connector.ts'
import { updateFirmware } from './update-firmware.ts'

/** OCPP 1.6 over JSON. */
export const ocpp16 = (context: V16Context): OcppVersion => ({
  subprotocol: 'ocpp1.6',
  routes: routes(context),
  knows,
  encode,
  faultOf,
  effectOf,
})

type Kind = StationCommand['kind']
type Encoders = { readonly [K in Kind]: (command: CommandOf<K>, now: Instant) => Request }

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
  'get-charging-profiles': () => ({ refused: 'OCPP 1.6 cannot list charging profiles' }),
  'get-log': getLog,
  'update-firmware': updateFirmware,
  'install-certificate': installCertificate,
  'delete-certificate': deleteCertificate,
  'get-certificates': getCertificates,
  'certificate-signed': certificateSigned,
  raw,
}

/** A command in the words of OCPP 1.6. */
export function encode(command: StationCommand, now: Instant): Request {
  // The table has an encoder for each kind; a union of functions cannot be called with a union of their arguments.
  const encoder = ENCODERS[command.kind] as (command: StationCommand, now: Instant) => Request
  return encoder(command, now)
}
