import type { Level } from './rows.ts'

/** A limit on its way to the reference station. */
export interface Sent {
  readonly request: number
  readonly level: Level
  /** The transaction it is for; null for a default. */
  readonly transaction: number | null
  /** When the station drops it by itself, ms. */
  readonly until: number
}

export type Offline = 'fallback' | 'keeps' | 'full' | 'unknown'

/**
 * What a station may do with limits, written from the guides alone: the running transaction's limit replaces the
 * default until its lease ends, a station without a default uses its rating, and what an unknown model does when it
 * loses us is anyone's guess.
 */
export class ReferenceStation {
  readonly #rating: Level
  readonly #offline: Offline
  /** How far its clock is off, ms. */
  readonly #skew: number
  #default: Level | null = null
  #limit: Sent | null = null
  running: number | null = null
  online = true
  /** Choice of an unknown model while offline. */
  mood = 0

  constructor(rating: Level, offline: Offline, skew: number) {
    this.#rating = rating
    this.#offline = offline
    this.#skew = skew
  }

  /** Takes in a limit; true when it accepts. */
  take(sent: Sent): boolean {
    if (sent.transaction === null) {
      this.#default = sent.level
      return true
    }
    if (sent.transaction !== this.running) return false
    this.#limit = sent
    return true
  }

  start(transaction: number): void {
    this.running = transaction
  }

  stop(): void {
    this.running = null
    this.#limit = null
  }

  /** The most it lets a vehicle draw at this time. */
  allows(now: number): Level {
    if (this.running === null) return 0
    const fallback = this.#default ?? this.#rating
    if (!this.online && this.#goesFull()) return this.#rating
    if (this.#limit === null) return fallback
    const ended = this.#offline !== 'keeps' && now + this.#skew >= this.#limit.until
    const keeps = this.#offline === 'unknown' && this.mood === 1
    return ended && !keeps ? fallback : this.#limit.level
  }

  #goesFull(): boolean {
    return this.#offline === 'full' || (this.#offline === 'unknown' && this.mood === 2)
  }
}
