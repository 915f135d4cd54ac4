import type { AnswerDetails, StationAnswer, StationCommand } from '../../domain/commands.ts'
import type { Payload } from './rpc/frame.ts'
import { plainWord, textOf, words } from './tolerant.ts'

export type CommandOf<K extends StationCommand['kind']> = Extract<StationCommand, { kind: K }>

/** Every word with which a station of any version declines one of our requests. */
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
    'EmptyResultSet',
    'NotSupportedAttributeType',
    'OngoingAuthorizedTransaction',
    'UnknownComponent',
    'UnknownConnector',
    'UnknownVariable',
  ].map(plainWord),
)

/** Acceptances that take effect later. */
const LATER = words({ Scheduled: 'Scheduled', RebootRequired: 'RebootRequired' } as const)

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
