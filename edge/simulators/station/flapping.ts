import type { Clock, Timer } from '@busbar/model/clock.ts'
import { type Duration, milliseconds } from '@busbar/units/time.ts'

/** A link that goes and comes back over and over. */
export class Flapping {
  readonly #clock: Clock
  readonly #turn: (up: boolean) => void
  #timer: Timer | null = null

  constructor(clock: Clock, turn: (up: boolean) => void) {
    this.#clock = clock
    this.#turn = turn
  }

  /** With this period; null ends it. */
  set(every: Duration | null): void {
    this.#timer?.cancel()
    this.#timer = null
    if (every !== null) this.#next(false, milliseconds(every / 2))
  }

  #next(up: boolean, half: Duration): void {
    this.#turn(up)
    this.#timer = this.#clock.timer(half, () => this.#next(!up, half))
  }
}
