import type { IdToken, StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** A reservation that was asked for and is not over. `unanswered`: nobody can say whether the station keeps it. */
export interface ReservationRecord {
  readonly reservation: number
  readonly station: StationId
  /** 0: any of the station's. */
  readonly evse: number
  readonly idToken: IdToken
  readonly group: IdToken | null
  readonly expiresAt: Instant
  readonly by: string
  readonly state: 'asked' | 'accepted' | 'unanswered'
}

/** Reservations by number. One that the station refused, or never heard of, is none. */
export const reservationRecords: ProjectionDefinition<ReservationRecord> = {
  name: 'reservation',
  keys: ({ fact }) =>
    fact.type === 'ReservationMade' || fact.type === 'ReservationAnswered' || fact.type === 'ReservationEnded'
      ? [String(fact.data.reservation)]
      : [],
  next: (row, { fact }) => {
    switch (fact.type) {
      case 'ReservationMade': {
        const { reservation, station, evse, group, by } = fact.data
        const { id_token: idToken, expires_at: expiresAt } = fact.data
        return { reservation, station, evse, idToken, group, expiresAt, by, state: 'asked' }
      }
      case 'ReservationAnswered': {
        const { answer } = fact.data
        return answer === 'accepted' || answer === 'unanswered' ? row && { ...row, state: answer } : undefined
      }
      case 'ReservationEnded':
        return undefined
      default:
        return row
    }
  },
}

/** The highest reservation number given out; numbers are never used again. */
export const reservationNumber: ProjectionDefinition<number> = {
  name: 'reservation-number',
  keys: ({ fact }) => (fact.type === 'ReservationMade' ? ['last'] : []),
  next: (row = 0, { fact }) => (fact.type === 'ReservationMade' ? Math.max(row, fact.data.reservation) : row),
}
