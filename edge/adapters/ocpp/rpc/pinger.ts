import { type Clock, every, type Timer } from '@busbar/model/clock.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { Connection } from './connection.ts'

/**
 * Pings every connection and cuts one that gave no sign of life since the last ping. Any frame is life; a connection
 * that we hold back cannot show it.
 */
export class Pinger {
  readonly #clock: Clock
  readonly #interval: Duration
  readonly #connections: () => readonly Connection[]
  readonly #heardAtPing = new WeakMap<Connection, number>()
  #timer: Timer | null = null
  #sameTurn = false

  constructor(clock: Clock, interval: Duration, connections: () => readonly Connection[]) {
    this.#clock = clock
    this.#interval = interval
    this.#connections = connections
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
    const { heard, heldBack } = connection
    if (this.#heardAtPing.get(connection) === heard && !heldBack) {
      connection.terminate('no sign of life')
      return
    }
    this.#heardAtPing.set(connection, heard)
    connection.ping()
  }
}
