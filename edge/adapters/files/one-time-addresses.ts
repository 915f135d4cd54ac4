import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '@busbar/model/clock.ts'
import type { StationId } from '@busbar/model/ids.ts'
import type { Duration, Monotonic } from '@busbar/units/time.ts'
import type { FirmwareImage } from '../../domain/file-records.ts'

/** What an address is for. */
export type Use =
  | { readonly way: 'upload'; readonly log: 'DiagnosticsLog' | 'SecurityLog' }
  | { readonly way: 'download'; readonly image: FirmwareImage }

/** An address that still works. */
export interface Grant {
  readonly station: StationId
  readonly request: number
  readonly use: Use
}

interface Held extends Grant {
  readonly until: Monotonic
  /** Times that a transfer was begun. */
  tries: number
  busy: boolean
}

/** A station may lose its connection in the middle; somebody who goes on for ever is none. */
const MOST_TRIES = 10
/** Addresses out at a time; the oldest makes room. */
const MOST_HELD = 1000

/** Addresses for one station and one use each, gone once used. They live in memory: a restart ends them. */
export class OneTimeAddresses {
  readonly #clock: Clock
  /** By the hash of the token, so that finding one takes no longer for a token that is nearly right. */
  readonly #held = new Map<string, Held>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @returns the token, 256 bits in base64url */
  make(grant: Grant, works: Duration): string {
    const now = this.#clock.monotonic()
    for (const [key, { until }] of this.#held) if (until <= now) this.#held.delete(key)
    const oldest = this.#held.size >= MOST_HELD ? this.#held.keys().next().value : undefined
    if (oldest !== undefined) this.#held.delete(oldest)
    const token = randomBytes(32).toString('base64url')
    this.#held.set(keyOf(token), { ...grant, until: (now + works) as Monotonic, tries: 0, busy: false })
    return token
  }

  /** Null: never made, used up, or too old. */
  find(token: string): Grant | null {
    return this.#living(token) ?? null
  }

  /** A transfer begins; null while another is under way, or after too many. */
  begin(token: string): Grant | null {
    const held = this.#living(token)
    if (held === undefined || held.busy || held.tries >= MOST_TRIES) return null
    held.busy = true
    held.tries++
    return held
  }

  /** The transfer is over; one that succeeded uses the address up. */
  end(token: string, succeeded: boolean): void {
    const held = this.#held.get(keyOf(token))
    if (held === undefined) return
    held.busy = false
    if (succeeded) this.#held.delete(keyOf(token))
  }

  #living(token: string): Held | undefined {
    const held = this.#held.get(keyOf(token))
    return held !== undefined && held.until > this.#clock.monotonic() ? held : undefined
  }
}

const keyOf = (token: string): string => createHash('sha256').update(token).digest('hex')
