import type { Clock, Timer } from '@busbar/model/clock.ts'
import { realDuration, type ScaledTime, scaledNow } from '@busbar/model/scaled-time.ts'
import { type Duration, type Instant, instant, type Monotonic, monotonic } from '@busbar/units/time.ts'

const REAL: ScaledTime = { anchor: instant(0), origin: instant(0), scale: 1 }

/** The machine's clock; with a scale it runs as many times faster, for demonstrations and training. */
export class SystemClock implements Clock {
  readonly #time: ScaledTime

  constructor(time: ScaledTime = REAL) {
    this.#time = time
  }

  now(): Instant {
    return scaledNow(this.#time, instant(Date.now()))
  }

  monotonic(): Monotonic {
    return monotonic(performance.now() * this.#time.scale)
  }

  timer(after: Duration, run: () => void): Timer {
    const timer = setTimeout(run, Math.max(0, realDuration(this.#time, after)))
    return { cancel: () => clearTimeout(timer) }
  }
}
