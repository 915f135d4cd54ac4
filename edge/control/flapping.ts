import type { StationId } from '@busbar/model/ids.ts'
import { between, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'

/** So many lost connections within this time are flapping. */
const LOSSES = 3
const WITHIN = seconds(60)
/** A station that flapped is taken at its word again after so long on one connection. */
const STEADY = minutes(2)

/**
 * Stations whose connection comes and goes. A limit sent over such a line may or may not arrive, so the station counts
 * as lost until it has been steady. @see reliability F09
 */
export class Flapping {
  readonly #losses = new Map<StationId, readonly Monotonic[]>()
  readonly #since = new Map<StationId, Monotonic>()

  lost(station: StationId, at: Monotonic): void {
    const recent = [...(this.#losses.get(station) ?? []), at].slice(-LOSSES)
    this.#losses.set(station, recent)
    const [first] = recent
    if (recent.length === LOSSES && first !== undefined && between(first, at) <= WITHIN)
      this.#since.set(station, this.#since.get(station) ?? at)
  }

  flaps(station: StationId, now: Monotonic): boolean {
    if (!this.#since.has(station)) return false
    const last = this.#losses.get(station)?.at(-1)
    if (last !== undefined && between(last, now) < STEADY) return true
    this.#since.delete(station)
    return false
  }
}
