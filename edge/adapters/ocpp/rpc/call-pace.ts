import type { Clock } from '@busbar/model/clock.ts'
import { between, type Duration, type Monotonic, milliseconds } from '@busbar/units/time.ts'

/** How fast a station's calls are taken: so many at once, and so many a second from then on. */
export class CallPace {
  readonly #clock: Clock
  readonly #burst: number
  readonly #perSecond: number
  #left: number
  #at: Monotonic

  constructor(clock: Clock, of: { readonly burst: number; readonly perSecond: number }) {
    this.#clock = clock
    this.#burst = of.burst
    this.#perSecond = of.perSecond
    this.#left = of.burst
    this.#at = clock.monotonic()
  }

  /** Takes one call. @returns null, or how long the next has to wait */
  take(): Duration | null {
    const now = this.#clock.monotonic()
    const gained = (between(this.#at, now) / 1000) * this.#perSecond
    this.#left = Math.min(this.#burst, this.#left + gained)
    this.#at = now
    if (this.#left < 1) return milliseconds(Math.ceil(((1 - this.#left) / this.#perSecond) * 1000))
    this.#left -= 1
    return null
  }
}
