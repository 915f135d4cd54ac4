import type { Clock } from '@busbar/model/clock.ts'
import type { StationId } from '@busbar/model/ids.ts'
import type { Duration, Monotonic } from '@busbar/units/time.ts'

/** Stations that are kept out for a while, to see what they do without us. */
export class ShutOut {
  readonly #clock: Clock
  readonly #until = new Map<StationId, Monotonic>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  for(station: StationId, time: Duration): void {
    this.#until.set(station, (this.#clock.monotonic() + time) as Monotonic)
  }

  has(station: StationId): boolean {
    const until = this.#until.get(station)
    if (until === undefined) return false
    if (this.#clock.monotonic() < until) return true
    this.#until.delete(station)
    return false
  }
}
