import { messageOf } from '@busbar/model/depot-error.ts'
import schemas from '@busbar/ocpp-schemas/ocpp1.6.json' with { type: 'json' }
import type { Action, Requests } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import { createValidator } from 'ocpp-rpc'
import type { StationAnswer } from '../../../domain/commands.ts'
import type { Payload } from '../rpc/frame.ts'
import type { EncodedCommand } from '../rpc/route.ts'

/** The library's own typing of `validate` is wrong: it throws, and returns no promise. */
const validator = createValidator('ocpp1.6', schemas) as unknown as {
  validate(schema: string, payload: object): void
}

const ACTIONS: ReadonlySet<string> = new Set(
  schemas.flatMap(({ $id }) => ($id.endsWith('.req') ? [$id.slice('urn:'.length, -'.req'.length)] : [])),
)

/** Whether OCPP 1.6 or its security extension has such a message. */
export const knows = (action: string): boolean => ACTIONS.has(action)

/** Why this payload must not be sent, or null when its schema allows it. */
export function faultOf(action: string, payload: object): string | null {
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
