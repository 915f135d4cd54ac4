import { messageOf } from '@busbar/model/depot-error.ts'
import schemas from '@busbar/ocpp-schemas/ocpp1.6.json' with { type: 'json' }
import type { Action, Requests } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import { createValidator } from 'ocpp-rpc'
import type { StationAnswer } from '../../../domain/commands.ts'
import type { Payload } from '../rpc/frame.ts'
import type { EncodedCommand } from '../rpc/route.ts'
import { plainWord, textOf } from '../tolerant.ts'

/** The library's own typing of `validate` is wrong: it throws, and returns no promise. */
const validator = createValidator('ocpp1.6', schemas) as unknown as {
  validate(schema: string, payload: object): void
}

/** A request that is ready to be sent, or why it must not be. */
export type Request = EncodedCommand | { readonly refused: string }

/** Builds a request and checks it against its schema: what leaves us is strictly valid. */
export function request<A extends Action>(
  action: A,
  payload: Requests[A],
  readAnswer: (answer: Payload) => StationAnswer,
): Request {
  try {
    validator.validate(`urn:${action}.req`, payload)
  } catch (invalid) {
    return { refused: `${action}: ${messageOf(invalid)}` }
  }
  return { action, payload, readAnswer }
}

/** Every word with which OCPP 1.6 declines one of our requests. */
const DECLINED = new Set(['rejected', 'notsupported', 'notimplemented', 'unknown'])

/** Reads a status. A word of no list leaves open what the station does. */
export const statusAnswer =
  (...accepting: readonly string[]) =>
  (answer: Payload): StationAnswer => {
    const status = textOf(answer.status)
    const word = plainWord(status ?? '')
    if (accepting.some((other) => plainWord(other) === word)) return { status: 'accepted' }
    if (status !== null && DECLINED.has(word)) return { status: 'rejected', reason: status }
    return { status: 'unanswered', reason: 'error', detail: `the answer has status ${status ?? 'absent'}` }
  }
