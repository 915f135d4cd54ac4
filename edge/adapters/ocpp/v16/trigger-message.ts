import type { StationCommand } from '../../../domain/commands.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request, statusAnswer } from './request.ts'

/** OCPP 1.6 has no connector 0 here: the whole station is meant when none is named. */
export const trigger = ({ message, evse }: Extract<StationCommand, { kind: 'trigger' }>): Request =>
  request(
    'TriggerMessage',
    {
      requestedMessage: message,
      ...(evse === null || evse === 0 ? {} : { connectorId: connectorIdOf(evse) }),
    },
    statusAnswer('Accepted'),
  )
