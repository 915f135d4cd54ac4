import type { Clock } from '@busbar/model/clock.ts'
import { type Monotonic, minutes } from '@busbar/units/time.ts'

/** Counts unreadable messages; tells once a minute at most that there are too many. */
export class BadMessages {
  readonly #clock: Clock
  readonly #limit: number
  #since: Monotonic
  #count = 0
  #reported = false

  constructor(clock: Clock, limit: number) {
    this.#clock = clock
    this.#limit = limit
    this.#since = clock.monotonic()
  }

  /** @returns how many there were this minute, and whether this one makes them worth reporting */
  add(): { readonly count: number; readonly report: boolean } {
    const now = this.#clock.monotonic()
    if (now - this.#since >= minutes(1)) {
      // A flood that goes on is still the same incident.
      this.#reported = this.#reported && this.#count >= this.#limit
      this.#since = now
      this.#count = 0
    }
    this.#count += 1
    const report = !this.#reported && this.#count >= this.#limit
    this.#reported ||= report
    return { count: this.#count, report }
  }
}
