import type { Duration, Instant, Monotonic } from '@busbar/units/time.ts'

/** A timer that has been set. `cancel` after it ran, or twice, does nothing. */
export interface Timer {
  cancel(): void
}

/** Where time enters. Wall time may jump; waits and ages are measured on the monotonic clock. */
export interface Clock {
  /** Wall time. */
  now(): Instant
  /** Time that never jumps. */
  monotonic(): Monotonic
  /** Runs `run` once, `after` this much of the clock's own time. It never runs before this call returned. */
  timer(after: Duration, run: () => void): Timer
}

/** Runs `run` each `period` until cancelled; a late run does not shift the later ones into a burst. */
export function every(clock: Clock, period: Duration, run: () => void): Timer {
  let next = clock.monotonic() + period
  let timer = arm()
  function arm(): Timer {
    return clock.timer(Math.max(0, next - clock.monotonic()) as Duration, () => {
      next = Math.max(next + period, clock.monotonic())
      timer = arm()
      run()
    })
  }
  return { cancel: () => timer.cancel() }
}

/** Resolves after `after`; rejects with the signal's reason when it aborts first. */
export function wait(clock: Clock, after: Duration, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const timer = clock.timer(after, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    const stop = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
