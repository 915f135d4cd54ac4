import { type CommandOf, detailedAnswer, statusAnswer } from '../status-answer.ts'
import { textOf } from '../tolerant.ts'
import { type Request, request, type Speech } from './request.ts'

/** `Scheduled`: when no transaction runs any more. @see OCPP 2.0.1 B11, B12 */
export const reset = ({ mode, evse }: CommandOf<'reset'>, speech: Speech): Request =>
  request(
    speech,
    'Reset',
    { type: mode, ...(evse === undefined || evse === 0 ? {} : { evseId: evse }) },
    statusAnswer('Accepted', 'Scheduled'),
  )

/** EVSE 0 is the whole station. @see OCPP 2.0.1 G03, G04 */
export const setAvailability = (
  { evse, connector, operative }: CommandOf<'set-availability'>,
  speech: Speech,
): Request =>
  request(
    speech,
    'ChangeAvailability',
    {
      operationalStatus: operative ? 'Operative' : 'Inoperative',
      ...(evse === 0
        ? {}
        : { evse: { id: evse, ...(connector === undefined ? {} : { connectorId: connector }) } }),
    },
    statusAnswer('Accepted', 'Scheduled'),
  )

/** @see OCPP 2.0.1 F05 */
export const unlockConnector = (
  { evse, connector }: CommandOf<'unlock-connector'>,
  speech: Speech,
): Request =>
  evse === 0
    ? { refused: 'OCPP 2.0.1 unlocks one connector at a time' }
    : request(
        speech,
        'UnlockConnector',
        { evseId: evse, connectorId: Math.max(1, connector) },
        statusAnswer('Unlocked'),
      )

/** @see OCPP 2.0.1 F06 */
export const trigger = ({ message, evse }: CommandOf<'trigger'>, speech: Speech): Request =>
  request(
    speech,
    'TriggerMessage',
    {
      requestedMessage: message,
      ...(evse === null || evse === 0
        ? {}
        : { evse: message === 'StatusNotification' ? { id: evse, connectorId: 1 } : { id: evse } }),
    },
    statusAnswer('Accepted'),
  )

/** A vendor's own message; its answer may carry data. @see OCPP 2.0.1 P01 */
export function sendDataTransfer(
  { vendor, message, data }: CommandOf<'data-transfer'>,
  speech: Speech,
): Request {
  const payload = {
    vendorId: vendor,
    ...(message === null ? {} : { messageId: message }),
    // Any JSON; its generated type knows objects only.
    ...(data === null ? {} : { data: data as unknown as Record<string, never> }),
  }
  return request(
    speech,
    'DataTransfer',
    payload,
    detailedAnswer(['Accepted'], (answer) => {
      const text = textOf(answer.data) ?? (answer.data === undefined ? null : JSON.stringify(answer.data))
      return text === null ? {} : { data: text }
    }),
  )
}
