import type { TransactionId } from '@busbar/model/ids.ts'
import type { Action, Requests } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { StationAnswer } from '../../../domain/commands.ts'
import type { Payload } from '../rpc/frame.ts'
import type { EncodedCommand } from '../rpc/route.ts'
import type { Dialect } from './dialect.ts'

/** A request that is ready to be sent, or why it must not be. */
export type Request = EncodedCommand | { readonly refused: string }

/** To whom something is said, and when. */
export interface Speech {
  readonly dialect: Dialect
  readonly now: Instant
  readonly nameOf: (transaction: TransactionId) => string | null
}

/** Builds a request and checks it against the schema of its version: what leaves us is strictly valid. */
export function request<A extends Action>(
  { dialect }: Speech,
  action: A,
  payload: Requests[A],
  readAnswer: (answer: Payload) => StationAnswer,
): Request {
  const refused = dialect.faultOf(action, payload)
  return refused === null ? { action, payload, readAnswer } : { refused }
}

/** A number for what the station reports later; no two within 24 days are equal unless asked for in the same ms. */
export const numberFor = ({ now }: Speech): number => Math.floor(now) % 2 ** 31

export const unnamed = (transaction: TransactionId): Request => ({
  refused: `the station has given transaction ${transaction} no name`,
})
