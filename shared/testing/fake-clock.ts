import type { Clock, Timer } from '@busbar/model/clock.ts'
import { type Duration, type Instant, instant, type Monotonic, monotonic } from '@busbar/units/time.ts'

interface Due {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** A clock that stands still until told to move. Wall time can be stepped apart from monotonic time. */
export class FakeClock implements Clock {
  #wall: number
  #elapsed = 0
  #order = 0
  readonly #due = new Set<Due>()

  constructor(startMs = Date.UTC(2026, 10, 21, 18)) {
    this.#wall = startMs
  }

  now(): Instant {
    return instant(this.#wall)
  }

  monotonic(): Monotonic {
    return monotonic(this.#elapsed)
  }

  timer(after: Duration, run: () => void): Timer {
    const due = { at: this.#elapsed + Math.max(0, after), order: this.#order++, run }
    this.#due.add(due)
    return { cancel: () => this.#due.delete(due) }
  }

  /** Moves both clocks on, running each timer that falls due at its own time, in order. */
  advance(by: Duration): void {
    const end = this.#elapsed + by
    for (let due = this.#next(end); due; due = this.#next(end)) {
      this.#due.delete(due)
      this.#move(due.at)
      due.run()
    }
    this.#move(end)
  }

  /** Steps wall time alone, as a time server or a person would. */
  stepWall(by: Duration): void {
    this.#wall += by
  }

  /** Number of timers set. */
  get pending(): number {
    return this.#due.size
  }

  #move(to: number): void {
    this.#wall += to - this.#elapsed
    this.#elapsed = to
  }

  #next(end: number): Due | undefined {
    let first: Due | undefined
    for (const due of this.#due)
      if (due.at <= end && (!first || due.at < first.at || (due.at === first.at && due.order < first.order)))
        first = due
    return first
  }
}
