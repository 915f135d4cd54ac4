import { type Duration, type Monotonic, milliseconds, monotonic } from '@busbar/units/time.ts'
import type { FailureCode } from './modbus-result.ts'

const MISSES = 3
const PROBE_PERIODS = 10
const SHORTEST_PROBE_MS = 2000
const LONGEST_PROBE_MS = 30_000

/** What a gateway says when the unit behind it is silent. */
const GATEWAY_TARGET_SILENT = 'exception-11'

/**
 * Keeps a dead unit from holding up the others on its bus: after three misses it is left alone but for a probe now and
 * then, which is an ordinary scan.
 */
export class UnitBreaker {
  readonly #probe: Duration
  #misses = 0
  #nextProbe: Monotonic | undefined

  constructor(poll: Duration) {
    this.#probe = milliseconds(Math.min(LONGEST_PROBE_MS, Math.max(SHORTEST_PROBE_MS, PROBE_PERIODS * poll)))
  }

  /** Time until the unit may be asked; 0 is now. */
  waitFor(now: Monotonic): number {
    return this.#nextProbe === undefined ? 0 : Math.max(0, this.#nextProbe - now)
  }

  /** Notes how a scan ended; undefined is well. */
  note(failed: FailureCode | undefined, now: Monotonic): void {
    this.#misses = failed === 'timeout' || failed === GATEWAY_TARGET_SILENT ? this.#misses + 1 : 0
    this.#nextProbe = this.#misses >= MISSES ? monotonic(now + this.#probe) : undefined
  }
}
