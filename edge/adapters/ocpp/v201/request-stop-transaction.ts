import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { type Request, request, type Speech, unnamed } from './request.ts'

/** @see OCPP 2.0.1 F03 */
export function requestStop({ transaction }: CommandOf<'request-stop'>, speech: Speech): Request {
  const transactionId = speech.nameOf(transaction)
  if (transactionId === null) return unnamed(transaction)
  return request(speech, 'RequestStopTransaction', { transactionId }, statusAnswer('Accepted'))
}
