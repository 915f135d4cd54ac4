import type { Clock } from '@busbar/model/clock.ts'

/** Messages and bytes a second that a depot may send on average, and how many seconds of it at once. */
const MESSAGES_PER_S = 20
const BYTES_PER_S = 1024 * 1024
const BURST_S = 3

/** One depot's allowance. */
export class RateLimit {
  readonly #clock: Clock
  #messages = MESSAGES_PER_S * BURST_S
  #bytes = BYTES_PER_S * BURST_S
  #at: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#at = clock.monotonic()
  }

  /** Takes one message of `bytes` from the allowance; false when it is used up. */
  take(bytes: number): boolean {
    const now = this.#clock.monotonic()
    const passedS = (now - this.#at) / 1000
    this.#at = now
    this.#messages = Math.min(MESSAGES_PER_S * BURST_S, this.#messages + passedS * MESSAGES_PER_S) - 1
    this.#bytes = Math.min(BYTES_PER_S * BURST_S, this.#bytes + passedS * BYTES_PER_S) - bytes
    return this.#messages >= 0 && this.#bytes >= 0
  }
}
