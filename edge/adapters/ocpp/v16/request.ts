import { messageOf } from '@busbar/model/depot-error.ts'
import schemas from '@busbar/ocpp-schemas/ocpp1.6.json' with { type: 'json' }
import type { Action, Requests } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import { createValidator } from 'ocpp-rpc'
import type { AnswerDetails, StationAnswer, StationCommand } from '../../../domain/commands.ts'
import type { Payload } from '../rpc/frame.ts'
import type { EncodedCommand } from '../rpc/route.ts'
import { plainWord, textOf, words } from '../tolerant.ts'

/** The library's own typing of `validate` is wrong: it throws, and returns no promise. */
const validator = createValidator('ocpp1.6', schemas) as unknown as {
  validate(schema: string, payload: object): void
}

/** Why this payload must not be sent, or null when its schema allows it. */
export function faultOf(action: Action, payload: object): string | null {
  try {
    validator.validate(`urn:${action}.req`, payload)
    return null
  } catch (invalid) {
    return `${action}: ${messageOf(invalid)}`
  }
}

/** A request that is ready to be sent, or why it must not be. */
export type Request = EncodedCommand | { readonly refused: string }

/** Builds a request and checks it against its schema: what leaves us is strictly valid. */
export function request<A extends Action>(
  action: A,
  payload: Requests[A],
  readAnswer: (answer: Payload) => StationAnswer,
): Request {
  const refused = faultOf(action, payload)
  return refused === null ? { action, payload, readAnswer } : { refused }
}

/** Every word with which OCPP 1.6 declines one of our requests. */
const DECLINED = new Set(
  [
    'Rejected',
    'NotSupported',
    'NotImplemented',
    'Unknown',
    'UnknownMessageId',
    'UnknownVendorId',
    'Failed',
    'NotFound',
    'VersionMismatch',
    'UnlockFailed',
    'Faulted',
    'Occupied',
    'Unavailable',
    'InvalidCertificate',
    'RevokedCertificate',
  ].map(plainWord),
)

/** Acceptances that take effect later. */
const LATER = words({ Scheduled: 'Scheduled', RebootRequired: 'RebootRequired' } as const)

export type CommandOf<K extends StationCommand['kind']> = Extract<StationCommand, { kind: K }>

/** Reads a status, and on an acceptance what else the answer says. */
export const detailedAnswer =
  (accepting: readonly string[], details: (answer: Payload) => AnswerDetails) =>
  (answer: Payload): StationAnswer => {
    const status = statusAnswer(...accepting)(answer)
    return status.status === 'accepted' ? { ...status, ...details(answer) } : status
  }

/** Reads a status. A word of no list leaves open what the station does. */
export const statusAnswer =
  (...accepting: readonly string[]) =>
  (answer: Payload): StationAnswer => {
    const status = textOf(answer.status)
    const word = plainWord(status ?? '')
    if (accepting.some((other) => plainWord(other) === word)) {
      const when = LATER(status)
      return when ? { status: 'accepted', when } : { status: 'accepted' }
    }
    if (status !== null && DECLINED.has(word)) return { status: 'rejected', reason: status }
    return { status: 'unanswered', reason: 'error', detail: `the answer has status ${status ?? 'absent'}` }
  }
