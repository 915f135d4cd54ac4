import { z } from 'zod'
import { IdTag, type Service, type ServiceDeps, status, Time, when } from './service.ts'

const ReserveNow = z.object({
  connectorId: z.int().min(0),
  expiryDate: Time,
  idTag: IdTag,
  parentIdTag: IdTag.optional(),
  reservationId: z.int(),
})
type Reservation = z.infer<typeof ReserveNow>

/** What the connector is doing, as far as a reservation cares. */
export type Occupation = 'free' | 'Occupied' | 'Faulted' | 'Unavailable'

/** The one reservation that a station with one connector can hold. @see OCPP 1.6 sections 5.2, 5.13 */
export class Reservations {
  readonly #deps: ServiceDeps
  readonly #occupation: () => Occupation
  #held: Reservation | null = null

  constructor(deps: ServiceDeps, occupation: () => Occupation) {
    this.#deps = deps
    this.#occupation = occupation
  }

  readonly service: Service = {
    ReserveNow: when(ReserveNow, (reservation) => status(this.#reserve(reservation))),
    CancelReservation: when(z.object({ reservationId: z.int() }), ({ reservationId }) => {
      if (this.held?.reservationId !== reservationId) return status('Rejected')
      this.#held = null
      return status('Accepted')
    }),
  }

  /** The reservation in force; one that has expired is none. */
  get held(): Reservation | null {
    if (this.#held && Date.parse(this.#held.expiryDate) <= this.#deps.now()) this.#held = null
    return this.#held
  }

  /** Whether this token may charge here now. */
  admits(idTag: string, parentIdTag: string | undefined): boolean {
    const held = this.held
    if (!held || same(held.idTag, idTag)) return true
    return held.parentIdTag !== undefined && same(held.parentIdTag, parentIdTag ?? '')
  }

  /** A start uses it up. @returns its number; undefined without one */
  use(): number | undefined {
    const number = this.held?.reservationId
    this.#held = null
    return number
  }

  #reserve(reservation: Reservation): string {
    const { connectorId, reservationId, expiryDate, idTag } = reservation
    const occupation = this.#occupation()
    if (connectorId > 1 || Date.parse(expiryDate) <= this.#deps.now()) return 'Rejected'
    if (occupation !== 'free') return occupation
    if (this.held && this.held.reservationId !== reservationId) return 'Occupied'
    this.#held = reservation
    this.#deps.record('reserved', { reservationId, idTag })
    return 'Accepted'
  }
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
