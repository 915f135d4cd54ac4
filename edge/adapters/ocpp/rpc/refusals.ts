import { type Clock, every, type Timer } from '@busbar/model/clock.ts'
import { minutes } from '@busbar/units/time.ts'
import type { TransportEvent } from './transport-event.ts'

export type Refused = Extract<TransportEvent, { kind: 'refused' }>

/** Addresses and reasons told apart; what comes on top of them in the same minute is counted together. */
const REMEMBERED = 256

/** Tells the first refusal of its kind from an address at once and those that follow as a number each minute. */
export class Refusals {
  readonly #clock: Clock
  readonly #tell: (event: Refused) => void
  readonly #seen = new Map<string, { last: Refused; more: number }>()
  #timer: Timer | undefined

  constructor(clock: Clock, tell: (event: Refused) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  start(): void {
    this.#timer = every(this.#clock, minutes(1), () => this.#tellMore())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#tellMore()
  }

  add(refusal: Omit<Refused, 'kind' | 'count'>): void {
    const event: Refused = { kind: 'refused', ...refusal, count: 1 }
    const own = `${hostOf(event.remoteAddress)} ${event.reason}`
    const key = this.#seen.has(own) || this.#seen.size < REMEMBERED ? own : 'others'
    const known = this.#seen.get(key)
    this.#seen.set(key, { last: event, more: known ? known.more + 1 : 0 })
    if (!known) this.#tell(event)
  }

  #tellMore(): void {
    for (const [key, { last, more }] of this.#seen) {
      if (more === 0) this.#seen.delete(key)
      else {
        this.#seen.set(key, { last, more: 0 })
        this.#tell({ ...last, count: more })
      }
    }
  }
}

/** Every connection comes from another port. */
const hostOf = (remoteAddress: string): string => remoteAddress.slice(0, remoteAddress.lastIndexOf(':'))
