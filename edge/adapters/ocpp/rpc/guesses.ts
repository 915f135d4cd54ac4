import type { Clock } from '@busbar/model/clock.ts'
import { between, type Monotonic, seconds } from '@busbar/units/time.ts'

/** Wrong credentials that cost nothing: a person mistypes, a station tries its old key. */
const FREE = 10
const LONGEST = seconds(60)
/** Pairs of address and identity remembered; the one that failed longest ago makes room. */
const REMEMBERED = 4096

interface Failures {
  readonly count: number
  readonly at: Monotonic
}

/**
 * Wrong credentials by address and identity. Who goes on guessing is not listened to for a while, which doubles with
 * each try; the same identity from another address is not touched by that, nor any other identity from this one.
 */
export class Guesses {
  readonly #clock: Clock
  readonly #failed = new Map<string, Failures>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Not even right credentials are looked at now. */
  barred(address: string, identity: string): boolean {
    const failures = this.#failed.get(keyOf(address, identity))
    if (failures === undefined || failures.count < FREE) return false
    const pause = Math.min(LONGEST, seconds(2 ** (failures.count - FREE)))
    return between(failures.at, this.#clock.monotonic()) < pause
  }

  /** @returns whether with this one the address is kept out */
  failed(address: string, identity: string): boolean {
    const key = keyOf(address, identity)
    const count = (this.#failed.get(key)?.count ?? 0) + 1
    this.#failed.delete(key)
    this.#failed.set(key, { count, at: this.#clock.monotonic() })
    const oldest = this.#failed.keys().next()
    if (this.#failed.size > REMEMBERED && !oldest.done) this.#failed.delete(oldest.value)
    return count === FREE
  }

  passed(address: string, identity: string): void {
    this.#failed.delete(keyOf(address, identity))
  }
}

const keyOf = (address: string, identity: string): string => `${address}\n${identity}`
