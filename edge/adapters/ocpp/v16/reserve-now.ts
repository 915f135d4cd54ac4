import { toStationTime } from '../station-time.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request } from './request.ts'

/** Connector 0: whichever is free. Faulted, Occupied and Unavailable are refusals that tell why. */
export const reserveNow = (command: CommandOf<'reserve-now'>): Request =>
  request(
    'ReserveNow',
    {
      connectorId: command.evse === 0 ? 0 : connectorIdOf(command.evse),
      expiryDate: toStationTime(command.expiresAt),
      idTag: command.idToken,
      ...(command.group === null ? {} : { parentIdTag: command.group }),
      reservationId: command.reservation,
    },
    statusAnswer('Accepted'),
  )
