import type { StationCommand } from '../../../domain/commands.ts'
import { statusAnswer } from '../status-answer.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request } from './request.ts'

/** EVSE 0 is the whole station. A station that is charging takes it up when the transaction is over: `Scheduled`. */
export const setAvailability = ({
  evse,
  operative,
}: Extract<StationCommand, { kind: 'set-availability' }>): Request =>
  request(
    'ChangeAvailability',
    { connectorId: evse === 0 ? 0 : connectorIdOf(evse), type: operative ? 'Operative' : 'Inoperative' },
    statusAnswer('Accepted', 'Scheduled'),
  )
