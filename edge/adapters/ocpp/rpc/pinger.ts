import { type Clock, every, type Timer } from '@busbar/model/clock.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { Connection } from './connection.ts'

interface Watched {
  heard: number
  silent: number
}

/**
 * Pings every connection and cuts one that gave no sign of life for two intervals. Any frame is life; a connection
 * that we hold back cannot show it.
 */
export class Pinger {
  readonly #clock: Clock
  readonly #interval: Duration
  readonly #connections: () => readonly Connection[]
  #watched = new WeakMap<Connection, Watched>()
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
    const last = this.#watched.get(connection)
    const silent = last && last.heard === heard && !heldBack ? last.silent + 1 : 0
    this.#watched.set(connection, { heard, silent })
    if (silent >= 2) connection.terminate('no sign of life')
    else connection.ping()
  }
}
