import type { Monotonic } from '@busbar/units/time.ts'
import type { SiteSnapshot } from '../../domain/load-balancing/snapshot.ts'
import type { Move } from '../../domain/load-balancing/transition.ts'

const MINUTE = 60_000

/** Lets the site's limits rise by so many watts a minute at most; what does not fit comes with a later pass. */
export class Rise {
  readonly #perMinuteW: number | null
  #leftW: number
  #at: Monotonic | null = null

  constructor(perMinuteW: number | null) {
    this.#perMinuteW = perMinuteW
    this.#leftW = perMinuteW ?? 0
  }

  /** The moves that may leave now: every decrease, and raises in their order as far as the rise allows. */
  allowed(moves: readonly Move[], { evses }: SiteSnapshot, now: Monotonic): readonly Move[] {
    const perMinuteW = this.#perMinuteW
    if (perMinuteW === null) return moves
    const passed = this.#at === null ? 0 : now - this.#at
    this.#at = now
    this.#leftW = Math.min(perMinuteW, this.#leftW + (perMinuteW * passed) / MINUTE)
    const byKey = new Map(evses.map((evse) => [evse.key, evse]))
    return moves.filter((move) => {
      const evse = byKey.get(move.key)
      if (move.kind === 'decrease' || evse === undefined) return true
      const riseW = Math.max(0, move.level - (evse.current ?? evse.fallback)) * evse.wattsPerLevel
      // One raise that is more than a minute's worth leaves when a whole minute's worth is there.
      if (riseW > this.#leftW && this.#leftW < perMinuteW) return false
      this.#leftW -= riseW
      return true
    })
  }
}
