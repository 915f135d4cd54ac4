import type { Clock } from '@busbar/model/clock.ts'
import type { StationId, TransactionId } from '@busbar/model/ids.ts'
import type { StationAnswer, StationCommand } from '../../../domain/commands.ts'
import type { Input, Submit } from '../../../domain/inputs.ts'
import type { SendOptions } from '../../../domain/ports/station-commands.ts'
import type { QuirkKey, QuirkValues } from '../../../profiles/quirk-values.ts'
import type { Logger } from '../logger.ts'
import type { Reply, StationCall } from '../rpc/route.ts'

/** What a quirk may use of the station that has it. */
export interface QuirkSelf {
  readonly station: StationId
  readonly clock: Clock
  readonly log: Logger
  /** Of the depot. */
  readonly timeZone: string
  /** The transaction that runs at an EVSE; null when none does. */
  runningAt(evse: number): TransactionId | null
  /** Phases that the model can charge on; 3 when its profile does not say. */
  phases(): number
  /** Into the depot, past every quirk. */
  readonly submit: Submit
  /** To the station, past every quirk that rewrites commands; requests are still put into its words. */
  ask(command: StationCommand, options: SendOptions): Promise<StationAnswer>
}

/** A request on its way to the station, in the words of its version. */
export interface Said {
  readonly action: string
  readonly payload: Readonly<Record<string, unknown>>
}

export type Handle = (call: StationCall) => Reply | Promise<Reply>
export type Send = (command: StationCommand) => Promise<StationAnswer>

/**
 * What is done otherwise for a station with one quirk. Every hook may be absent; an instance lasts as long as the
 * station has the quirk with the same value, over its reconnects.
 */
export interface Quirk {
  /** A message of the station; `usual` takes it as any other station's. */
  handles?(call: StationCall, usual: Handle, self: QuirkSelf): Reply | Promise<Reply>
  /** What the depot is told, in the words of the domain; its type stays. */
  means?(input: Input, self: QuirkSelf): Input
  /** A command of the depot; `usual` sends it as to any other station, now, and may be called again or not at all. */
  sends?(command: StationCommand, usual: Send, self: QuirkSelf, options: SendOptions): Promise<StationAnswer>
  /** A request in its own words, as it leaves; it is checked against its schema afterwards. */
  says?(said: Said, self: QuirkSelf): Said | { readonly refused: string }
  /** The station has connected. */
  opened?(self: QuirkSelf): void
  /** It has told that it has booted, or that it is what it is. */
  booted?(self: QuirkSelf): void
  /** Its connection is gone. */
  closed?(self: QuirkSelf): void
}

/** How one key is handled. */
export interface Handling<K extends QuirkKey> {
  /** One sentence for the page of what is supported. */
  readonly how: string
  /** Absent where the transport reads the value itself, or where every station is treated so. */
  make?(value: NonNullable<QuirkValues[K]>): Quirk
}

/** Keys that are handled, by group. */
export type Handlings = { readonly [K in QuirkKey]?: Handling<K> }

export const rejected = (reason: string): Promise<StationAnswer> =>
  Promise.resolve({ status: 'rejected', reason })
