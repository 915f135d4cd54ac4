import type { Clock } from '@busbar/model/clock.ts'
import { between, type Monotonic, minutes } from '@busbar/units/time.ts'

/** Addresses remembered; the one that was first refused longest ago makes room. */
const REMEMBERED = 1024
const WINDOW = minutes(1)

interface Refused {
  since: Monotonic
  count: number
  told: boolean
}

/**
 * How many refusals an address is told: so many a minute. From then on its connections are cut without an answer, so
 * that nobody finds out names or secrets by trying many. Whoever proves himself is let in all the same.
 */
export class Strangers {
  readonly #clock: Clock
  readonly #perMinute: number
  readonly #refused = new Map<string, Refused>()

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock
    this.#perMinute = perMinute
  }

  /** @returns whether to answer, and whether this is where it became too many */
  refused(address: string): { readonly answer: boolean; readonly tooMany: boolean } {
    const refused = this.#of(address)
    refused.count += 1
    const answer = refused.count <= this.#perMinute
    const tooMany = !answer && !refused.told
    refused.told ||= tooMany
    return { answer, tooMany }
  }

  #of(address: string): Refused {
    const now = this.#clock.monotonic()
    const known = this.#refused.get(address)
    if (known && between(known.since, now) < WINDOW) return known
    // A search that goes on is still the same one.
    const told = known?.told === true && known.count > this.#perMinute
    const anew = { since: now, count: 0, told }
    this.#refused.delete(address)
    this.#refused.set(address, anew)
    const oldest = this.#refused.keys().next()
    if (this.#refused.size > REMEMBERED && !oldest.done) this.#refused.delete(oldest.value)
    return anew
  }
}
