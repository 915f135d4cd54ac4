import type { Instant } from '@busbar/units/time.ts'
import type { QuirkKey, QuirkValues } from '../../../profiles/quirk-values.ts'
import type { CallAnswer, StationParts } from '../inbound.ts'
import type { TransactionReport } from '../transaction-queue.ts'
import type { Payload } from '../uplink.ts'

/** A message on the wire, in the words of the station's version. */
export interface Said {
  readonly action: string
  readonly payload: Payload
}

/** How a station opens its connection. */
export interface Dial {
  readonly url: string
  /** Sub-protocols offered; none: the header is left out. */
  readonly protocols: readonly string[]
  readonly headers: Readonly<Record<string, string>>
}

/** What a quirk may touch of the station that has it. */
export interface QuirkedStation extends StationParts {
  /** The CSMS accepts it and the link is up. */
  readonly online: boolean
  /** Runs once after so many seconds. */
  later(seconds: number, run: () => void): void
  /** Says it again, or later: a report as if it came about now. */
  report(report: TransactionReport): void
  /** Drops its connection and dials again after so many seconds. */
  hangUp(seconds: number): void
}

/** One way in which a station misbehaves: what it does instead of the usual. Every hook may be absent. */
export interface Quirk {
  /** How it dials. */
  dials?(dial: Dial): Dial
  /** False: it answers no ping. */
  readonly pongs?: false
  /** The text of a frame as it leaves. */
  frames?(text: string): string
  /** The text of a frame as it takes it. */
  reads?(text: string): string
  /** A message as it leaves; null: it is not said at all, which a report about a transaction cannot be. */
  says?(said: Said, station: QuirkedStation): Said | null
  /** What is told of a transaction instead of this report, in the words of OCPP 1.6 and before it has its number. */
  tells?(report: TransactionReport, station: QuirkedStation): readonly TransactionReport[]
  /** The CSMS has answered a message. */
  hears?(said: Said, answer: unknown, station: QuirkedStation): void
  /** Answers a request of the CSMS; `usual` gives the answer of a sound station and does what it says. */
  answers?(asked: Said, usual: (asked: Said) => CallAnswer, station: QuirkedStation): CallAnswer
  /** What the vehicle is offered, A or W as the rating is, where a sound station offers `limit`. */
  offers?(limit: number, station: QuirkedStation): number
  /** The CSMS has just accepted it. */
  online?(station: QuirkedStation): void
  /** Its link has just gone; `clean`: with a Close frame of the CSMS. */
  lost?(station: QuirkedStation, clean: boolean): void
  /** A second has passed. */
  ticks?(at: Instant, station: QuirkedStation): void
}

/** How a station comes by quirks, from the value that its profile has for the key. */
export type Switches = { readonly [K in QuirkKey]?: (value: NonNullable<QuirkValues[K]>) => Quirk }
