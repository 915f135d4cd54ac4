import type { Action } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { StationAnswer } from '../../../domain/commands.ts'
import type { Payload } from '../rpc/frame.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { faultOf, type Request } from './request.ts'

/** Every message of OCPP 1.6 that a CSMS may send. */
export const OUTBOUND: readonly Action[] = [
  'CancelReservation',
  'CertificateSigned',
  'ChangeAvailability',
  'ChangeConfiguration',
  'ClearCache',
  'ClearChargingProfile',
  'DataTransfer',
  'DeleteCertificate',
  'ExtendedTriggerMessage',
  'GetCompositeSchedule',
  'GetConfiguration',
  'GetDiagnostics',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'InstallCertificate',
  'RemoteStartTransaction',
  'RemoteStopTransaction',
  'ReserveNow',
  'Reset',
  'SendLocalList',
  'SetChargingProfile',
  'SignedUpdateFirmware',
  'TriggerMessage',
  'UnlockConnector',
  'UpdateFirmware',
]

/** An engineer's own request: it leaves only when its schema allows it, and its answer comes back as it is. */
export function raw({ action, payload }: CommandOf<'raw'>): Request {
  const known = OUTBOUND.find((name) => name === action)
  if (known === undefined) return { refused: `${action}: no message that a CSMS sends in OCPP 1.6` }
  const refused = faultOf(known, payload)
  return refused === null ? { action: known, payload, readAnswer } : { refused }
}

/** An answer that refuses counts as one; any other is taken as it stands. */
function readAnswer(response: Payload): StationAnswer {
  const status = statusAnswer()(response)
  return status.status === 'rejected' ? { ...status, response } : { status: 'accepted', response }
}
