import { messageOf } from '@busbar/model/depot-error.ts'
import type { StationAnswer, StationCommand } from '../../../domain/commands.ts'

/** Errors with which a station says that it has not acted; any other leaves open what it did. */
const REFUSALS: ReadonlySet<string> = new Set([
  'NotImplemented',
  'NotSupported',
  'ProtocolError',
  'SecurityError',
  'FormationViolation',
  'FormatViolation',
  'PropertyConstraintViolation',
  'OccurenceConstraintViolation',
  'OccurrenceConstraintViolation',
  'TypeConstraintViolation',
])

/** What a CALLERROR, or a connection lost under way, means for the command. */
export function answerFromError(thrown: unknown): StationAnswer {
  const code = codeOf(thrown)
  if (code === null) return { status: 'unanswered', reason: 'disconnected', detail: messageOf(thrown) }
  const detail = `${code} ${messageOf(thrown)}`.trim()
  const error = { code, description: messageOf(thrown) }
  if (REFUSALS.has(code)) return { status: 'rejected', reason: detail, error }
  return { status: 'unanswered', reason: 'error', detail, error }
}

/** Longest code that is told; those of the standard have 29 characters. */
const LONGEST_CODE = 100

/** The station's own code, which may be of no version; null when it has said nothing. */
function codeOf(thrown: unknown): string | null {
  if (!(thrown instanceof Error && 'rpcErrorCode' in thrown)) return null
  const { code }: { code?: unknown } = 'details' in thrown ? (thrown.details ?? {}) : {}
  return typeof code === 'string' && code !== '' ? code.slice(0, LONGEST_CODE) : String(thrown.rpcErrorCode)
}

/** Limits of one EVSE and purpose replace each other while they wait. */
export function slotOf(command: StationCommand): string | null {
  if (command.kind === 'set-default-limit') return `default/${command.evse}`
  if (command.kind === 'set-transaction-limit') return `transaction/${command.evse}`
  if (command.kind === 'clear-limits') return `${command.purpose}/${command.evse}`
  return null
}
