import type { Clock, Timer } from '@busbar/model/clock.ts'
import { realDuration, type ScaledTime, scaledNow } from '@busbar/model/scaled-time.ts'
import { type Duration, type Instant, instant, type Monotonic, monotonic } from '@busbar/units/time.ts'

/** setTimeout's longest wait; a longer one is cut in parts. */
const LONGEST_MS = 2 ** 31 - 1

/** The machine's clock, or one that runs `scale` times as fast from a shared anchor. */
export class HostClock implements Clock {
  readonly scale: number
  readonly #time: ScaledTime | null

  constructor(time?: ScaledTime) {
    this.#time = time ?? null
    this.scale = time?.scale ?? 1
  }

  now(): Instant {
    const real = instant(Date.now())
    return this.#time === null ? real : scaledNow(this.#time, real)
  }

  monotonic(): Monotonic {
    return monotonic(performance.now() * this.scale)
  }

  timer(after: Duration, run: () => void): Timer {
    const end = performance.now() + (this.#time === null ? after : realDuration(this.#time, after))
    let handle: NodeJS.Timeout
    const arm = () => {
      const left = Math.max(0, end - performance.now())
      handle = left > LONGEST_MS ? setTimeout(arm, LONGEST_MS) : setTimeout(run, left)
    }
    arm()
    return { cancel: () => clearTimeout(handle) }
  }
}

/** Real milliseconds, for measuring ourselves. */
export const stopwatch = (): number => performance.now()

/** Runs something after the present event, so that what arrives together is decided together. */
export const soon = (run: () => void): void => void setImmediate(run)

/** Chance, in [0, 1): for spreading, never for deciding. */
export const chance = (): number => Math.random()
