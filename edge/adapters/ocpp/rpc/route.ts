import type { StationId, TransactionId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { RawCommand, StationAnswer, StationCommand } from '../../../domain/commands.ts'
import type { RequestEffect } from '../../../domain/ports/station-commands.ts'
import type { Payload } from './frame.ts'

/** One request of a station, on its way to its handler. */
export interface StationCall {
  readonly station: StationId
  readonly action: string
  readonly payload: Payload
  /** The message as it came. */
  readonly text: string
  readonly receivedAt: Instant
}

/** The answer, and the commit it stands for. */
export interface Reply {
  readonly answer: object
  readonly durable?: Promise<void>
  /** The station learns of this transaction from the answer; commands that name it may only follow. */
  readonly introduces?: TransactionId
  /** An error in place of the answer; never of a receipt. */
  readonly lacks?: Lack
}

/** Why nothing can be said to a call: what it asks about is not there, or of a type that cannot be read. */
export type Lack = 'OccurrenceConstraintViolation' | 'TypeConstraintViolation'

/** How one message is treated. */
export interface Route {
  /**
   * The answer lets the station forget: it leaves only after the commit, and an error is never answered, since the
   * station would repeat it for ever or lose the report.
   */
  readonly receipt: boolean
  handle(call: StationCall): Reply | Promise<Reply>
}

/** A command in the words of one OCPP version. */
export interface EncodedCommand {
  readonly action: string
  readonly payload: object
  readAnswer(answer: Payload): StationAnswer
}

/** One OCPP version: what it hears and what it can say. */
export interface OcppVersion {
  readonly subprotocol: string
  readonly routes: ReadonlyMap<string, Route>
  /** Whether the version has such a message at all, heard here or not. */
  knows(action: string): boolean
  /** Times in the payload count from `now`, so it is called when the line is free. */
  encode(command: StationCommand, now: Instant): EncodedCommand | { readonly refused: string }
  /** Why this request must not be sent, or null when its schema allows it. */
  faultOf(action: string, payload: object): string | null
  /** What a raw request can do to limits. A version without this has every request counted as one that may raise them. */
  effectOf?(request: Pick<RawCommand, 'action' | 'payload'>): RequestEffect
}
