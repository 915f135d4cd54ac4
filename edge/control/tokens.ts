import type { IdToken } from '@busbar/model/ids.ts'
import { authorize, type Decision, type TokenScene } from '../domain/authorization/authorize.ts'
import { idTokenRecords, tokenKey } from '../domain/authorization/id-token.ts'
import { openTransactions } from '../domain/charging/transaction.ts'
import type { TokenParticulars } from '../domain/inputs.ts'
import type { LocalListEntry } from '../domain/local-list.ts'
import type { Depot } from './depot.ts'

/** What a decision on a token is made from, as the depot stands. */
export const tokenScene = (depot: Depot): TokenScene => ({
  configured: depot.setup.fleet,
  entered: depot.memory.table(idTokenRecords),
  now: depot.now,
  charging: (idToken) =>
    [...depot.memory.table(openTransactions).values()].some(
      (open) => tokenKey(open.idToken) === tokenKey(idToken),
    ),
})

/** Decides on a token as the depot stands. */
export const decideOn = (depot: Depot, idToken: IdToken): Decision => authorize(tokenScene(depot), idToken)

/** What a station is told of a token beside its status. */
export const particularsOf = ({ group, expiresAt }: Decision): TokenParticulars => ({
  ...(group === null ? {} : { group }),
  ...(expiresAt === null ? {} : { expiresAt }),
})

/** Every token that is known here, as a local list has it: a station that is alone still refuses the blocked ones. */
export function knownEntries(depot: Depot): LocalListEntry[] {
  const { byToken, people } = depot.setup.fleet
  const entered = [...depot.memory.table(idTokenRecords).values()].map(({ idToken }) => idToken)
  const tokens = new Map([...byToken.keys(), ...people, ...entered].map((token) => [tokenKey(token), token]))
  const scene = { ...tokenScene(depot), charging: () => false }
  return [...tokens.values()].map((idToken) => {
    const { status, group, expiresAt } = authorize(scene, idToken)
    return { idToken, status, group, expiresAt }
  })
}
