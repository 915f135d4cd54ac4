import { type Clock, every, type Timer } from '@busbar/model/clock.ts'
import { between, type Duration, type Monotonic } from '@busbar/units/time.ts'
import type { SignsOfLife } from '../quirks/signs-of-life.ts'
import type { Connection } from './connection.ts'

/**
 * Pings every connection and cuts one that gave no sign of life since the last ping. Any frame is life; a connection
 * that we hold back cannot show it.
 */
export class Pinger {
  readonly #clock: Clock
  readonly #interval: Duration
  readonly #connections: () => readonly Connection[]
  readonly #signsOf: (connection: Connection) => SignsOfLife
  /** How much had been heard of each at a ping, and since when no more. */
  readonly #seen = new WeakMap<Connection, { readonly heard: number; readonly since: Monotonic }>()
  #timer: Timer | null = null
  #sameTurn = false

  constructor(
    { clock, interval }: { readonly clock: Clock; readonly interval: Duration },
    connections: () => readonly Connection[],
    signsOf: (connection: Connection) => SignsOfLife,
  ) {
    this.#clock = clock
    this.#interval = interval
    this.#connections = connections
    this.#signsOf = signsOf
  }

  start(): void {
    this.#timer = every(this.#clock, this.#interval, () => this.#round())
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #round(): void {
    // After a jump of the clock several rounds fall due at once, with no chance for any answer between them.
    if (this.#sameTurn) return
    this.#sameTurn = true
    queueMicrotask(() => {
      this.#sameTurn = false
    })
    for (const connection of this.#connections()) this.#check(connection)
  }

  #check(connection: Connection): void {
    const { messagesOnly, silence } = this.#signsOf(connection)
    const heard = messagesOnly ? connection.messages : connection.heard
    const now = this.#clock.monotonic()
    const before = this.#seen.get(connection)
    if (before?.heard !== heard || connection.heldBack) this.#seen.set(connection, { heard, since: now })
    else if (silence === null || between(before.since, now) >= silence) {
      connection.terminate('no sign of life')
      return
    }
    connection.ping()
  }
}
