import type { StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'

/** One OCPP frame as it passed, secrets taken out. */
export interface LoggedMessage {
  readonly at: Instant
  readonly station: StationId
  /** Which connection of the station, counted from 1. */
  readonly connection: number
  /** `in` came from the station. */
  readonly direction: 'in' | 'out'
  /** `unreadable` is anything that is no OCPP frame. */
  readonly kind: 'call' | 'result' | 'error' | 'unreadable'
  readonly messageId: string | null
  /** Of an answer: the action of the call it answers; null when no such call is known. */
  readonly action: string | null
  /** Of an error: its code. */
  readonly errorCode: string | null
  /** Of an answer: time since its call, ms. */
  readonly durationMs: number | null
  /** The frame's text, shortened when it is long. */
  readonly text: string
  /** Length of the whole frame, characters. */
  readonly length: number
}

/** Which messages are asked for. An absent member leaves open. */
export interface MessageQuery {
  readonly station?: StationId | undefined
  readonly action?: string | undefined
  readonly direction?: 'in' | 'out' | undefined
  readonly kind?: LoggedMessage['kind'] | undefined
  /** Part of the frame's text. */
  readonly text?: string | undefined
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
  /** Only messages logged before the one with this number. */
  readonly before?: number | undefined
  /** At most so many, above 0. */
  readonly limit: number
}

/** Newest first. `next` is the `before` to go on with; null when all was looked at. */
export interface MessagePage {
  readonly messages: readonly (LoggedMessage & { readonly id: number })[]
  readonly next: number | null
}

/** What the log holds and what it could not keep. */
export interface MessageLogUse {
  readonly messages: number
  readonly bytes: number
  /** What `bytes` is kept below. */
  readonly capBytes: number
  readonly from: Instant | null
  /** Let go since the start because the disk was behind. */
  readonly dropped: number
}

/**
 * Every frame between the depot and its stations, for people who look for a fault. It is no record that anybody relies
 * on: frames may be missing when the disk is behind, and are then counted.
 */
export interface MessageLog {
  /** Never waits and never throws. */
  add(message: LoggedMessage): void
  /** @throws DepotError `store.failed` */
  find(query: MessageQuery): Promise<MessagePage>
  /** @throws DepotError `store.failed` */
  use(): Promise<MessageLogUse>
}
