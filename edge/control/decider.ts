import { every, type Timer } from '@busbar/model/clock.ts'
import type { Depot } from './depot.ts'
import { type Decision, tick } from './tick.ts'

/** Decides each second and whenever it is urged; several urges in one event make one decision. */
export class Decider {
  readonly #depot: Depot
  readonly #soon: (run: () => void) => void
  readonly #listeners = new Set<() => void>()
  #latest: Decision | undefined
  #timer: Timer | null = null
  #urged = false
  #took = 0

  constructor(depot: Depot, soon: (run: () => void) => void) {
    this.#depot = depot
    this.#soon = soon
  }

  get latest(): Decision {
    this.#latest ??= tick(this.#depot)
    return this.#latest
  }

  /** How long the last decision took, in real ms. */
  get tookMs(): number {
    return this.#took
  }

  start(): void {
    const { setup, deps } = this.#depot
    this.#depot.urge = () => this.#urge()
    this.#timer = every(deps.clock, setup.policy.tick, () => this.#decide())
    this.#decide()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  /** Calls `listener` after each decision; the answer undoes it. */
  onDecision(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #urge(): void {
    if (this.#urged || this.#timer === null) return
    this.#urged = true
    this.#soon(() => {
      this.#urged = false
      if (this.#timer !== null) this.#decide()
    })
  }

  #decide(): void {
    const { stopwatch } = this.#depot.deps
    const from = stopwatch()
    this.#latest = tick(this.#depot)
    this.#took = stopwatch() - from
    for (const listener of this.#listeners) listener()
  }
}
