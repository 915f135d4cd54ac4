import type { Requests } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { TriggeredMessage } from '../../../domain/commands.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request } from './request.ts'

type Core = Requests['TriggerMessage']['requestedMessage']

/** The core's words; what has none goes by the security extension, or not at all. */
const CORE: Readonly<Partial<Record<TriggeredMessage, Core>>> = {
  BootNotification: 'BootNotification',
  FirmwareStatusNotification: 'FirmwareStatusNotification',
  Heartbeat: 'Heartbeat',
  // Logs are fetched with GetDiagnostics, so this is how their upload is reported.
  LogStatusNotification: 'DiagnosticsStatusNotification',
  MeterValues: 'MeterValues',
  StatusNotification: 'StatusNotification',
}

/** OCPP 1.6 has no connector 0 here: the whole station is meant when none is named. */
export function trigger({ message, evse }: CommandOf<'trigger'>): Request {
  const requestedMessage = CORE[message]
  if (requestedMessage !== undefined)
    return request(
      'TriggerMessage',
      { requestedMessage, ...(evse === null || evse === 0 ? {} : { connectorId: connectorIdOf(evse) }) },
      statusAnswer('Accepted'),
    )
  if (message !== 'SignChargingStationCertificate')
    return { refused: `OCPP 1.6 cannot be asked for a ${message}` }
  return request(
    'ExtendedTriggerMessage',
    { requestedMessage: 'SignChargePointCertificate' },
    statusAnswer('Accepted'),
  )
}
