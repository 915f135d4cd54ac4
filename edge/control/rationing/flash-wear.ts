import type { StationId } from '@busbar/model/ids.ts'
import { type Duration, hours, type Monotonic, minutes } from '@busbar/units/time.ts'

/** Writes are counted in slots of this length over the last day. */
const SLOT = hours(1)
const SLOTS = 24

/** Once a station's budget is spent, its limits rise no sooner than this after their last change. */
export const SPARING_REST: Duration = minutes(10)

/**
 * Charging profiles sent to each station in the last day. OCPP has stations keep them over a reboot, so each may be a
 * write to flash that wears out. A spent budget slows raises; decreases and renewals of leases always leave.
 * @see load-balancing.md 4, flash wear
 */
export class FlashWear {
  readonly #perDay: number
  readonly #writes = new Map<StationId, Map<number, number>>()

  constructor(perDay: number) {
    this.#perDay = perDay
  }

  wrote(station: StationId, at: Monotonic): void {
    const slots = this.#writes.get(station) ?? new Map<number, number>()
    const slot = Math.floor(at / SLOT)
    slots.set(slot, (slots.get(slot) ?? 0) + 1)
    for (const old of slots.keys()) if (old <= slot - SLOTS) slots.delete(old)
    this.#writes.set(station, slots)
  }

  /** Writes of the last day. */
  writes(station: StationId, now: Monotonic): number {
    const oldest = Math.floor(now / SLOT) - SLOTS
    return [...(this.#writes.get(station) ?? [])].reduce(
      (sum, [slot, n]) => (slot > oldest ? sum + n : sum),
      0,
    )
  }

  spent(station: StationId, now: Monotonic): boolean {
    return this.writes(station, now) >= this.#perDay
  }

  /** How long a limit of the station rests after a change before it rises. */
  rest(station: StationId, of: { now: Monotonic; usual: Duration }): Duration {
    return this.spent(station, of.now) && of.usual < SPARING_REST ? SPARING_REST : of.usual
  }
}
