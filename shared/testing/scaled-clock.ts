import type { Clock, Timer } from '@busbar/model/clock.ts'
import { realDuration, type ScaledTime, scaledNow } from '@busbar/model/scaled-time.ts'
import { type Duration, type Instant, instant, type Monotonic, monotonic } from '@busbar/units/time.ts'

/** Real time, `scale` times as fast: for tests whose other side is another process. */
export class ScaledClock implements Clock {
  readonly time: ScaledTime

  constructor(scale: number, origin = Date.UTC(2026, 10, 21, 18)) {
    this.time = { anchor: instant(Date.now()), origin: instant(origin), scale }
  }

  now(): Instant {
    return scaledNow(this.time, instant(Date.now()))
  }

  monotonic(): Monotonic {
    return monotonic(performance.now() * this.time.scale)
  }

  timer(after: Duration, run: () => void): Timer {
    const timer = setTimeout(run, Math.max(0, realDuration(this.time, after)))
    return { cancel: () => clearTimeout(timer) }
  }
}
