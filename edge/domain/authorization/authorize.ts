import type { IdToken, VehicleId } from '@busbar/model/ids.ts'
import type { AuthorizationStatus } from '../facts.ts'

/** Who a token belongs to; nothing else of the fleet is needed here. */
export interface KnownTokens {
  readonly byToken: ReadonlyMap<IdToken, VehicleId>
  readonly people: ReadonlySet<IdToken>
}

/** Decides from local data only: an unknown token is refused. @see OCPP 2.0.1 C01 */
export function authorize(
  tokens: KnownTokens,
  idToken: IdToken,
): { status: AuthorizationStatus; vehicle: VehicleId | null } {
  const vehicle = tokens.byToken.get(idToken)
  if (vehicle !== undefined) return { status: 'Accepted', vehicle }
  return { status: tokens.people.has(idToken) ? 'Accepted' : 'Unknown', vehicle: null }
}
