import type { Instant, Monotonic } from '@busbar/units/time.ts'

/** `frame`: an answer that cannot be one to our request. `busy`: not asked, the line had no room in time. */
export type FailureCode = 'timeout' | 'closed' | 'frame' | 'busy' | `exception-${number}`

/** Why a request gave no registers. */
export interface ModbusFailure {
  readonly failed: FailureCode
  readonly reason: string
  /** The unit whose late answer may have spoilt this one. */
  readonly spoiltBy?: number
}

/** The registers asked for, exactly as many, with the moment their reply was complete. */
export interface ModbusReply {
  readonly words: readonly number[]
  readonly at: Instant
  readonly monotonic: Monotonic
}

export const failure = (failed: FailureCode, reason: string): ModbusFailure => ({ failed, reason })
