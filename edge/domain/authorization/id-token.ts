import type { IdToken, VehicleId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** A token as somebody enters it. `group`: the token that stands for its group, the parent of OCPP 1.6. */
export interface IdTokenEntry {
  readonly idToken: IdToken
  readonly status: 'Accepted' | 'Blocked' | 'Invalid'
  readonly group: IdToken | null
  /** From then on it is Expired; null never. */
  readonly expiresAt: Instant | null
  readonly vehicle: VehicleId | null
  /** May start no second transaction while one runs. */
  readonly oneAtATime: boolean
}

export interface IdTokenRecord extends IdTokenEntry {
  readonly by: string
  readonly setAt: Instant
}

/** Tokens are the same whatever their case. @see OCPP 1.6 CiString20Type, 2.0.1 IdTokenType */
export const tokenKey = (idToken: IdToken): string => idToken.toLowerCase()

/** The tokens that were entered here, by `tokenKey`. */
export const idTokenRecords: ProjectionDefinition<IdTokenRecord> = {
  name: 'id-token',
  keys: ({ fact }) =>
    fact.type === 'IdTokenSet' || fact.type === 'IdTokenRemoved' ? [tokenKey(fact.data.id_token)] : [],
  next: (row, { fact }) => {
    if (fact.type === 'IdTokenRemoved') return undefined
    if (fact.type !== 'IdTokenSet') return row
    const { id_token: idToken, status, group, vehicle, by } = fact.data
    const { expires_at: expiresAt, one_at_a_time: oneAtATime } = fact.data
    return { idToken, status, group, expiresAt, vehicle, oneAtATime, by, setAt: fact.occurred_at }
  },
}
