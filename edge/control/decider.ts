import { every, type Timer } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import type { Monotonic } from '@busbar/units/time.ts'
import { attemptEach, type Part } from './attempt.ts'
import type { Depot } from './depot.ts'
import { staticShares } from './static-shares.ts'
import { type Decision, tick } from './tick.ts'

const FAILED = 'control.failed'
const TOLD: Part = { part: 'listener', means: 'A decision was made but not told everywhere' }

/**
 * Decides each second and whenever it is urged; several urges in one event make one decision. A pass that throws is
 * tried again at the next second: until one comes through nothing is renewed or raised, and after ten seconds every
 * limit is lowered to its fallback. Whoever listens to decisions may throw and keeps nobody from anything.
 */
export class Decider {
  readonly #depot: Depot
  readonly #soon: (run: () => void) => void
  readonly #listeners = new Set<() => void>()
  #latest: Decision | undefined
  #timer: Timer | null = null
  #urged = false
  #failingSince: Monotonic | null = null
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
    try {
      this.#latest = tick(this.#depot)
    } catch (error) {
      this.#depot.barred = new Set(this.#depot.setup.site.evses.keys())
      const text = `The control loop failed; limits are held or lowered to the fallbacks: ${messageOf(error)}`
      this.#depot.deps.health.raise({ code: FAILED, severity: 1, text })
      this.#failingSince ??= this.#depot.monotonic
      staticShares(this.#depot, this.#failingSince)
      return
    }
    this.#depot.deps.health.clear(FAILED)
    this.#took = stopwatch() - from
    this.#failingSince = null
    attemptEach(this.#depot, TOLD, this.#listeners, (listener) => listener())
  }
}
