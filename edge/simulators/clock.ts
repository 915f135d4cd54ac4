import type { Clock, Timer } from '@busbar/model/clock.ts'
import { realDuration, type ScaledTime, scaledNow } from '@busbar/model/scaled-time.ts'
import { type Duration, type Instant, instant, type Monotonic, monotonic } from '@busbar/units/time.ts'

/** Longest wait Node's own timers hold; more would fire at once. */
const LONGEST_MS = 2 ** 31 - 1

/** Real time, or time that runs at another pace when `scaled` is given. */
export class SimulatorClock implements Clock {
  readonly #scaled: ScaledTime | undefined

  constructor(scaled?: ScaledTime) {
    this.#scaled = scaled
  }

  now(): Instant {
    const real = instant(Date.now())
    return this.#scaled ? scaledNow(this.#scaled, real) : real
  }

  monotonic(): Monotonic {
    return monotonic(performance.now() * (this.#scaled?.scale ?? 1))
  }

  timer(after: Duration, run: () => void): Timer {
    let rest = Math.max(0, this.#scaled ? realDuration(this.#scaled, after) : after)
    let handle = arm()
    function arm(): NodeJS.Timeout {
      const part = Math.min(rest, LONGEST_MS)
      rest -= part
      return setTimeout(() => {
        if (rest > 0) handle = arm()
        else run()
      }, part)
    }
    return { cancel: () => clearTimeout(handle) }
  }
}
