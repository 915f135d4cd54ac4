import type { MeterId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'

/** A device asked what it is and what its registers hold. */
export interface MeterInspection {
  readonly meter: MeterId
  readonly at: Instant
  /** Whether its profile names registers by which to know it. */
  readonly identityAsked: boolean
  /** As the device says it; null where it says none. */
  readonly serial: string | null
  /** Added to every address. */
  readonly offset: number
  /** The offsets that sources name, and which give a plausible supply; empty where there is no doubt. */
  readonly offsets: readonly { readonly offset: number; readonly passes: boolean }[]
  /** What the registers held, by request. */
  readonly raw: readonly RawBlock[]
  /** What they mean, in the units of the profile; null is "no value". */
  readonly decoded: readonly DecodedPoint[]
  /** Of the line's latest replies; null before the first. */
  readonly replyP99Ms: number | null
  readonly deadlineMs: number
}

/** Registers read in one request. */
export interface RawBlock {
  readonly functionCode: number
  readonly addr: number
  readonly words: readonly number[]
}

export interface DecodedPoint {
  readonly name: string
  readonly addr: number
  readonly words: readonly number[]
  readonly value: number | null
  readonly unit: string
}
