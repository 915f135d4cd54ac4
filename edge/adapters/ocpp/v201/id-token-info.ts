import { as, type IdToken } from '@busbar/model/ids.ts'
import type { Answers, Requests } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { AuthorizationStatus } from '../../../domain/facts.ts'
import type { TokenParticulars } from '../../../domain/inputs.ts'
import { lackOfText } from '../rpc/asking.ts'
import type { Payload } from '../rpc/frame.ts'
import type { Lack } from '../rpc/route.ts'
import { toStationTime } from '../station-time.ts'
import { objectsOf, textOf } from '../tolerant.ts'

type IdTokenInfo = Answers['Authorize']['idTokenInfo']
type WireToken = Requests['Authorize']['idToken']

/** Serial numbers of RFID cards: 4, 7 or 10 bytes in hex. */
const CARD = /^([0-9a-f]{8}|[0-9a-f]{14}|[0-9a-f]{20})$/i
/** Longest token that the standard knows. */
const LONGEST = 36

/** The token in a payload's member; null when none is told. A bare text counts as one. */
export function tokenIn(member: unknown): IdToken | null {
  const text = textOf(member) ?? textOf(objectsOf(member)[0]?.idToken)
  return text === null ? null : as<IdToken>(text)
}

/** What keeps a token from being read from `idToken`. */
export function lackOfToken({ idToken }: Payload): Lack | null {
  const [token] = typeof idToken === 'object' ? objectsOf(idToken) : []
  return lackOfText(token === undefined ? idToken : token.idToken)
}

/** A token as we say it: we keep no types, so what looks like a card's number is called one. */
export const toToken = (idToken: string): WireToken => ({
  idToken,
  type: idToken === '' ? 'NoAuthorization' : CARD.test(idToken) ? 'ISO14443' : 'Central',
})

export const idTokenInfo = ({
  status,
  group,
  expiresAt,
}: { readonly status: AuthorizationStatus } & TokenParticulars): IdTokenInfo => ({
  status,
  ...(group === undefined || group.length > LONGEST ? {} : { groupIdToken: toToken(group) }),
  ...(expiresAt === undefined ? {} : { cacheExpiryDateTime: toStationTime(expiresAt) }),
})

/** The EVSE and connector of an `evse` member; null where they are not told. */
export function placeIn(member: unknown): {
  readonly evse: number | null
  readonly connector: number | null
} {
  const [place] = objectsOf(member)
  return { evse: wholeOf(place?.id), connector: wholeOf(place?.connectorId) }
}

/** A number of an EVSE, connector or part; null when it is none. */
export function wholeOf(value: unknown): number | null {
  const number = Number(textOf(value) ?? Number.NaN)
  return Number.isSafeInteger(number) && number >= 0 ? number : null
}
