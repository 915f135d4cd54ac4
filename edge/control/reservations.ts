import type { StationId } from '@busbar/model/ids.ts'
import { type Monotonic, seconds } from '@busbar/units/time.ts'
import type { Evse } from '../domain/site/site.ts'
import { connectorOf } from './connector.ts'
import type { Depot } from './depot.ts'

/** Room for a start that we authorised and have not heard of yet; it counts in the EVSE's hold. */
export interface Reservation {
  readonly until: Monotonic
  /** We lost the station meanwhile: it may have started, so the room is kept until it tells its state. */
  readonly untilHeard: boolean
}

/** Keeps room for a start at this EVSE for as long as an authorisation may be used. */
export function reserve(depot: Depot, evse: Evse, untilHeard = false): void {
  const until = (depot.monotonic + seconds(depot.setup.policy.reservationS)) as Monotonic
  const waits = untilHeard || depot.reservations.get(evse.key)?.untilHeard === true
  depot.reservations.set(evse.key, { until, untilHeard: waits })
}

/** Whether the room counts: also while a vehicle that may have been authorised is still plugged in. */
export function reserved(depot: Depot, evse: Evse): boolean {
  const reservation = depot.reservations.get(evse.key)
  if (reservation === undefined) return false
  if (reservation.untilHeard || depot.monotonic < reservation.until) return true
  return connectorOf(depot, evse)?.chargingState === 'EVConnected'
}

/** Gives up room that no start can use any more. */
export function expireReservations(depot: Depot): void {
  for (const key of depot.reservations.keys()) {
    const evse = depot.setup.site.evses.get(key)
    if (evse === undefined || !reserved(depot, evse)) depot.reservations.delete(key)
  }
}

/** A lost station may start what it was authorised for without our hearing of it. */
export function keepUntilHeard(depot: Depot, station: StationId): void {
  for (const evse of depot.evsesOf(station)) {
    const reservation = depot.reservations.get(evse.key)
    if (reservation !== undefined) depot.reservations.set(evse.key, { ...reservation, untilHeard: true })
  }
}

/** The EVSE has told its state. */
export function heardOf(depot: Depot, evse: Evse): void {
  const reservation = depot.reservations.get(evse.key)
  if (reservation !== undefined) depot.reservations.set(evse.key, { ...reservation, untilHeard: false })
}
