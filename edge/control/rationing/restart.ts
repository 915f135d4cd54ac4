import type { EvseKey, StationId } from '@busbar/model/ids.ts'
import { between, type Duration, later, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'

/** After an outage EVSEs rise at a time of their own within this. */
const SPREAD = seconds(120)
/** Stations that come back within this time come back from one outage. */
const TOGETHER = minutes(1)
/** Fewer are no outage. */
const FEWEST = 3

/** Where an EVSE stands in the order of a restart. */
export interface Place {
  /** 1 is the most important. */
  readonly tier: number
  readonly tiers: number
}

/**
 * Spreads the restart after an outage: where half of the stations boot at once that had been here before, each of their
 * EVSEs waits for a random part of its tier's share of two minutes before its limit rises.
 * @see load-balancing.md 7
 */
export class Restart {
  readonly #stations: number
  readonly #random: () => number
  readonly #seen = new Set<StationId>()
  readonly #boots = new Map<StationId, Monotonic>()
  readonly #waits = new Map<EvseKey, { readonly from: Monotonic; readonly part: number }>()

  constructor(stations: number, random: () => number) {
    this.#stations = stations
    this.#random = random
  }

  /** @param of.charging a transaction of before runs there, so it came back even if we did not see it go */
  booted(
    station: StationId,
    of: { readonly at: Monotonic; readonly charging: boolean },
    evsesOf: (station: StationId) => readonly EvseKey[],
  ): void {
    const cameBack = of.charging || this.#seen.has(station)
    this.#seen.add(station)
    for (const [other, at] of this.#boots) if (between(at, of.at) > TOGETHER) this.#boots.delete(other)
    if (!cameBack) return
    this.#boots.set(station, of.at)
    if (this.#boots.size < Math.max(FEWEST, this.#stations / 2)) return
    for (const back of this.#boots.keys())
      for (const key of evsesOf(back)) {
        const wait = this.#waits.get(key)
        if (wait === undefined || between(wait.from, of.at) > TOGETHER)
          this.#waits.set(key, { from: of.at, part: this.#random() })
      }
  }

  /** When the EVSE's turn to rise comes; null when it has come. */
  waitsUntil(key: EvseKey, now: Monotonic, place: () => Place): Monotonic | null {
    const wait = this.#waits.get(key)
    if (wait === undefined) return null
    const { tier, tiers } = place()
    const share = (Math.min(tier, tiers) - 1 + wait.part) / Math.max(1, tiers)
    const turn = later(wait.from, (share * SPREAD) as Duration)
    if (now < turn) return turn
    if (between(wait.from, now) > SPREAD) this.#waits.delete(key)
    return null
  }
}
