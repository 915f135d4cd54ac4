import type { IdToken, VehicleId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { AuthorizationStatus } from '../facts.ts'
import { type IdTokenRecord, tokenKey } from './id-token.ts'

/** Who a configured token belongs to; nothing else of the fleet is needed here. */
export interface KnownTokens {
  readonly byToken: ReadonlyMap<IdToken, VehicleId>
  readonly people: ReadonlySet<IdToken>
}

/** What is decided from; all of it is at hand in the depot. */
export interface TokenScene {
  readonly configured: KnownTokens
  /** Entered at the API, by `tokenKey`; they count before the configured ones. */
  readonly entered: ReadonlyMap<string, IdTokenRecord>
  readonly now: Instant
  /** Whether the token has a transaction running. */
  readonly charging: (idToken: IdToken) => boolean
}

export interface Decision {
  readonly status: AuthorizationStatus
  readonly vehicle: VehicleId | null
  readonly group: IdToken | null
  readonly expiresAt: Instant | null
}

/**
 * Decides from local data only: an unknown token is refused. A token whose group was entered as a token of its own is
 * worth no more than that. @see OCPP 2.0.1 C01, C09
 */
export function authorize(scene: TokenScene, idToken: IdToken): Decision {
  const entered = scene.entered.get(tokenKey(idToken))
  return entered === undefined ? configured(scene.configured, idToken) : decide(scene, entered)
}

function configured({ byToken, people }: KnownTokens, idToken: IdToken): Decision {
  const none = { group: null, expiresAt: null }
  const vehicle = byToken.get(idToken) ?? anyCase(byToken, idToken)
  if (vehicle !== undefined) return { status: 'Accepted', vehicle, ...none }
  const person = people.has(idToken) || [...people].some((other) => tokenKey(other) === tokenKey(idToken))
  return { status: person ? 'Accepted' : 'Unknown', vehicle: null, ...none }
}

const anyCase = (byToken: KnownTokens['byToken'], idToken: IdToken): VehicleId | undefined =>
  [...byToken].find(([other]) => tokenKey(other) === tokenKey(idToken))?.[1]

function decide(scene: TokenScene, record: IdTokenRecord): Decision {
  const { vehicle, group, expiresAt } = record
  const own = statusOf(scene, record)
  const head = group === null ? undefined : scene.entered.get(tokenKey(group))
  const groups = head === undefined ? 'Accepted' : statusOf(scene, head)
  const status = own === 'Accepted' ? groups : own
  const second = status === 'Accepted' && record.oneAtATime && scene.charging(record.idToken)
  return { status: second ? 'ConcurrentTx' : status, vehicle, group, expiresAt }
}

const statusOf = ({ now }: TokenScene, { status, expiresAt }: IdTokenRecord): AuthorizationStatus =>
  status === 'Accepted' && expiresAt !== null && expiresAt <= now ? 'Expired' : status

/** Whether one may stop what the other started: the same token, or one of its group. @see OCPP 2.0.1 C09, 1.6 4.2 */
export function sameHolder(scene: Pick<TokenScene, 'entered'>, one: IdToken, other: IdToken): boolean {
  if (tokenKey(one) === tokenKey(other)) return true
  const groupOf = (token: IdToken) => scene.entered.get(tokenKey(token))?.group ?? null
  const [a, b] = [groupOf(one), groupOf(other)]
  const known = (group: IdToken | null) => (group === null ? null : tokenKey(group))
  if (known(a) !== null && known(a) === known(b)) return true
  return known(a) === tokenKey(other) || known(b) === tokenKey(one)
}
