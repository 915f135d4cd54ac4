import { idTokenRecords, tokenKey } from '../../domain/authorization/id-token.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'

/** Each entry replaces what was entered for its token before. */
export function idTokensSet(
  depot: Depot,
  { tokens, by }: InputOf<'id-tokens-set'>,
): Submitted<'id-tokens-set'> {
  const facts = tokens.map(({ idToken, status, group, expiresAt, vehicle, oneAtATime }) =>
    depot.recorder.fact(
      'IdTokenSet',
      { type: 'id-token', id: idToken },
      {
        id_token: idToken,
        status,
        group,
        expires_at: expiresAt,
        vehicle,
        one_at_a_time: oneAtATime,
        by,
      },
    ),
  )
  const accepted = tokens.map(({ idToken }) => idToken)
  return { outcome: { accepted }, durable: depot.recorder.record(facts) }
}

/** What the configuration says of the token, if anything, counts again. */
export function idTokenRemoved(
  depot: Depot,
  { idToken, by }: InputOf<'id-token-removed'>,
): Submitted<'id-token-removed'> {
  const known = depot.memory.table(idTokenRecords).get(tokenKey(idToken))
  if (known === undefined) return { outcome: { found: false }, durable: Promise.resolve() }
  const data = { id_token: known.idToken, by }
  const fact = depot.recorder.fact('IdTokenRemoved', { type: 'id-token', id: known.idToken }, data)
  return { outcome: { found: true }, durable: depot.recorder.record([fact]) }
}
