import type { EvseKey, TransactionId } from '@busbar/model/ids.ts'
import { later, type Monotonic, minutes } from '@busbar/units/time.ts'
import type { Level } from '../../domain/load-balancing/rows.ts'

/** An outlet that gave up or took a power module takes no other before this has passed. */
const REST = minutes(10)

interface Outlet {
  readonly transaction: TransactionId
  readonly modules: number
  /** When their number last changed in this transaction; null while it has not. */
  readonly movedAt: Monotonic | null
}

/**
 * How many of a cabinet's power modules each outlet has, and since when. To switch one over interrupts some models, so an
 * outlet takes no other module for ten minutes after its number changed; giving one up is never delayed. What a vehicle
 * gets first is no change. @see load-balancing.md 1.3
 */
export class ModuleMoves {
  readonly #outlets = new Map<EvseKey, Outlet>()

  /** The station took a limit for the outlet; `grid` is the power of one module, W. */
  took(key: EvseKey, of: { transaction: TransactionId; level: Level; grid: Level; at: Monotonic }): void {
    const { transaction, at } = of
    const modules = Math.ceil(of.level / of.grid - 1e-9)
    const before = this.#outlets.get(key)
    if (before?.transaction !== transaction) this.#outlets.set(key, { transaction, modules, movedAt: null })
    else if (before.modules !== modules) this.#outlets.set(key, { transaction, modules, movedAt: at })
  }

  /** The power of the modules it has, while it takes no other, and until when; null when it may. */
  rest(
    key: EvseKey,
    of: { transaction: TransactionId | undefined; grid: Level; now: Monotonic },
  ): { readonly level: Level; readonly until: Monotonic } | null {
    const outlet = this.#outlets.get(key)
    if (outlet === undefined || outlet.movedAt === null || outlet.transaction !== of.transaction) return null
    const until = later(outlet.movedAt, REST)
    return until > of.now ? { level: outlet.modules * of.grid, until } : null
  }
}
