import { type Duration, type Monotonic, milliseconds, monotonic } from '@busbar/units/time.ts'
import type { FailureCode, ModbusFailure } from './modbus-result.ts'

const MISSES = 3
const PROBE_MS = 30_000
const FIRST_PROBE_MS = 2000

/** Exception 11 is what a gateway says when the unit behind it is silent. */
const MISSED: ReadonlySet<FailureCode> = new Set<FailureCode>(['timeout', 'frame', 'exception-11'])

/**
 * Keeps a dead unit from holding up the others on its line: after three misses it is left alone but for a probe, a small
 * read, every 30 s; the meter that guards the grid connection is probed every 2 s. It is back after one good probe.
 */
export class UnitBreaker {
  readonly #probe: Duration
  #misses = 0
  #nextProbe: Monotonic | undefined

  constructor(first: boolean) {
    this.#probe = milliseconds(first ? FIRST_PROBE_MS : PROBE_MS)
  }

  get isOpen(): boolean {
    return this.#nextProbe !== undefined
  }

  /** Whether the last request was missed. */
  get doubts(): boolean {
    return this.#misses > 0
  }

  /** Time until the unit may be asked; 0 is now. */
  waitFor(now: Monotonic): number {
    return this.#nextProbe === undefined ? 0 : Math.max(0, this.#nextProbe - now)
  }

  /** Notes how a request ended; undefined is well. What another unit spoilt is nobody's miss. */
  note(failure: ModbusFailure | undefined, now: Monotonic): void {
    if (failure?.spoiltBy !== undefined || failure?.failed === 'busy') return
    const missed = failure !== undefined && MISSED.has(failure.failed)
    this.#misses = missed ? this.#misses + 1 : 0
    this.#nextProbe = this.#misses >= MISSES ? monotonic(now + this.#probe) : undefined
  }
}
