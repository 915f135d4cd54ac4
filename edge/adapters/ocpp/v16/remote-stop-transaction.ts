import type { StationCommand } from '../../../domain/commands.ts'
import { statusAnswer } from '../status-answer.ts'
import { type Request, request } from './request.ts'
import { transactionIdOf } from './transaction-id.ts'

export function requestStop({ transaction }: Extract<StationCommand, { kind: 'request-stop' }>): Request {
  const transactionId = transactionIdOf(transaction)
  if (transactionId === null) return { refused: `"${transaction}" is no OCPP 1.6 transaction id` }
  return request('RemoteStopTransaction', { transactionId }, statusAnswer('Accepted'))
}
