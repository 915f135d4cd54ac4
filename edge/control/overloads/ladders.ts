import type { EvseKey } from '@busbar/model/ids.ts'
import { between, type Monotonic, seconds } from '@busbar/units/time.ts'
import { noOverload, type Overload, resumed } from '../../domain/load-balancing/escalation.ts'
import type { OpenOverload } from '../../domain/load-balancing/open-overloads.ts'
import type { Level } from '../../domain/load-balancing/rows.ts'

/** A request that a station has not followed is repeated after this. */
const AGAIN = seconds(10)

/** Why and for whom a ladder is left. */
export interface Ending {
  readonly reason: string
  readonly by: string
}

/** The most an EVSE may be given while an overloaded row above it is fought. */
export interface Cap {
  readonly level: Level
  readonly row: string
}

/** What is remembered of overloaded rows. */
export class Ladders {
  readonly caps = new Map<EvseKey, Cap>()
  /** Rows whose ladder is left and whose EVSEs are not all back in service yet. */
  readonly ending = new Map<string, Ending>()
  /** EVSEs that took up service again since. */
  readonly backInService = new Set<EvseKey>()
  readonly #rows = new Map<string, Overload>()
  readonly #asked = new Map<string, Monotonic>()

  of(row: string): Overload {
    return this.#rows.get(row) ?? noOverload
  }

  set(row: string, overload: Overload): void {
    this.#rows.set(row, overload)
  }

  /** A row on which nothing rises and nothing starts. */
  fights(row: string): boolean {
    return this.of(row).ladder !== null
  }

  cap(key: EvseKey, cap: Cap): void {
    const before = this.caps.get(key)
    if (before === undefined || cap.level < before.level) this.caps.set(key, cap)
  }

  /** Whether this request may be made now; notes that it is. */
  mayAsk(what: string, now: Monotonic): boolean {
    const before = this.#asked.get(what)
    if (before !== undefined && between(before, now) < AGAIN) return false
    this.#asked.set(what, now)
    return true
  }

  /** Goes on where an earlier run was. */
  restore(open: Iterable<OpenOverload>): void {
    for (const { row, step } of open) this.#rows.set(row, resumed(step))
  }
}
