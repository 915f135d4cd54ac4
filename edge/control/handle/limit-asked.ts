import { evseKey } from '@busbar/model/ids.ts'
import { newestLimit } from '../../domain/charging/limit-ledger.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'

/** The newest limit of the running transaction that may be in force. It is counted already. */
export function limitAsked(
  depot: Depot,
  { station, evse }: InputOf<'limit-asked'>,
): Submitted<'limit-asked'> {
  const key = evseKey(station, evse)
  const newest = newestLimit(depot.ledger(key))
  const limit = depot.transactionAt(key) === undefined ? null : (newest?.limit ?? null)
  return { outcome: { limit }, durable: Promise.resolve() }
}
