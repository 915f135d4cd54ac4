import type { Clock } from '@busbar/model/clock.ts'

/** What one peer may send a second on average, and how many seconds of it at once. */
export interface Rate {
  readonly packetsPerS: number
  readonly bytesPerS: number
  readonly burstS: number
}

/** One peer's allowance. */
export class Allowance {
  readonly #clock: Clock
  readonly #rate: Rate
  #packets: number
  #bytes: number
  #at: number

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock
    this.#rate = rate
    this.#packets = rate.packetsPerS * rate.burstS
    this.#bytes = rate.bytesPerS * rate.burstS
    this.#at = clock.monotonic()
  }

  /** Takes one packet of `bytes` from the allowance; false when it is used up. */
  take(bytes: number): boolean {
    const { packetsPerS, bytesPerS, burstS } = this.#rate
    const now = this.#clock.monotonic()
    const passedS = (now - this.#at) / 1000
    this.#at = now
    this.#packets = Math.min(packetsPerS * burstS, this.#packets + passedS * packetsPerS) - 1
    this.#bytes = Math.min(bytesPerS * burstS, this.#bytes + passedS * bytesPerS) - bytes
    return this.#packets >= 0 && this.#bytes >= 0
  }
}
