import type { StationCommand } from '../../../domain/commands.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request, statusAnswer } from './request.ts'

/** `connectorId` is always given: without it stations start anywhere or not at all. */
export const requestStart = ({
  evse,
  idToken,
}: Extract<StationCommand, { kind: 'request-start' }>): Request =>
  evse === 0
    ? { refused: 'a start needs an EVSE' }
    : request(
        'RemoteStartTransaction',
        { connectorId: connectorIdOf(evse), idTag: idToken },
        statusAnswer('Accepted'),
      )
