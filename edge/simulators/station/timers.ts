import type { Clock, Timer } from '@busbar/model/clock.ts'
import { seconds } from '@busbar/units/time.ts'

/** What is to happen a while later. */
export class Timers {
  readonly #clock: Clock
  readonly #waiting = new Set<Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly later = (s: number, run: () => void): void => {
    const timer = this.#clock.timer(seconds(s), () => {
      this.#waiting.delete(timer)
      run()
    })
    this.#waiting.add(timer)
  }

  stop(): void {
    for (const timer of this.#waiting) timer.cancel()
    this.#waiting.clear()
  }
}
