import type { StationId } from '@busbar/model/ids.ts'
import { between, type Duration, type Instant, type Monotonic, minutes } from '@busbar/units/time.ts'
import type { StationTime } from '../domain/inputs.ts'

/** A sample this old was queued while the station was offline: it books energy, but says nothing of the present. */
export const LIVE: Duration = minutes(1)
/** After this long on one connection a station has emptied the queue that it came with. */
const QUEUE_EMPTIED = minutes(2)
/** A clock that was ahead may have been set right since. */
const CLOCK_KEPT = minutes(10)

/** A clock this far behind drops leases later than any margin counts. */
const FAR_BEHIND = minutes(1)

/** When a report reached us, and since when its station has been connected; null without a connection. */
export interface Arrival {
  readonly now: Instant
  readonly monotonic: Monotonic
  readonly connectedSince: Instant | null
}

/**
 * Tells on our own clock when a station took a sample. A station reports late what it queued, so the time of receipt
 * says nothing of when: a limit would seem obeyed that the vehicle has not even heard of.
 */
export class StationClocks {
  /** How far each station's clock was last seen ahead of ours, ms; its reports seem that much younger than they are. */
  readonly #ahead = new Map<StationId, { readonly ms: number; readonly seenAt: Instant }>()

  /** How far ahead the freshest stamp of late was that it stated itself, ms; below 0 is behind. */
  readonly #freshest = new Map<StationId, { readonly ms: number; readonly seenAt: Instant }>()

  /** Learns from any time that a station states how far its clock is ahead. */
  heard(station: StationId, time: StationTime, now: Instant): void {
    if (time.clock !== 'synced') return
    if (time.stated !== null) this.#stamped(station, time.at - now, now)
    const known = this.#ahead.get(station)
    const stands = known !== undefined && between(known.seenAt, now) < CLOCK_KEPT
    const ms = time.at - now
    if (!stands || ms >= known.ms) this.#ahead.set(station, { ms: Math.max(0, ms), seenAt: now })
  }

  #stamped(station: StationId, ms: number, seenAt: Instant): void {
    const known = this.#freshest.get(station)
    const stands = known !== undefined && between(known.seenAt, seenAt) < CLOCK_KEPT
    if (!stands || ms >= known.ms) this.#freshest.set(station, { ms, seenAt })
  }

  /** All that it stamped of late was old: its clock may be that far behind, and end its leases as late. */
  farBehind(station: StationId): boolean {
    return (this.#freshest.get(station)?.ms ?? 0) < -FAR_BEHIND
  }

  /** Never later than the sample was really taken, as far as the station's stamps tell. */
  takenAt(station: StationId, time: StationTime, arrival: Arrival): Monotonic {
    const { now, monotonic, connectedSince } = arrival
    const ahead = this.#ahead.get(station)?.ms ?? 0
    if (time.clock === 'synced') return (monotonic - Math.max(0, now - time.at + ahead)) as Monotonic
    const emptied = connectedSince !== null && between(connectedSince, now) > QUEUE_EMPTIED
    return emptied ? monotonic : ((monotonic - LIVE) as Monotonic)
  }
}
