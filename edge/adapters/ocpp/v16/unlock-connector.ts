import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { connectorIdOf } from './addressing.ts'
import { type Request, request } from './request.ts'

/** Each EVSE has one connector in OCPP 1.6, so the EVSE alone tells which is meant. */
export const unlockConnector = ({ evse }: CommandOf<'unlock-connector'>): Request =>
  evse === 0
    ? { refused: 'OCPP 1.6 unlocks one connector at a time' }
    : request('UnlockConnector', { connectorId: connectorIdOf(evse) }, statusAnswer('Unlocked'))
