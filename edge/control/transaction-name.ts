import type { TransactionId } from '@busbar/model/ids.ts'
import { knownTransactions } from '../domain/charging/transaction.ts'
import type { Depot } from './depot.ts'

/** The name that its station gave a transaction; null when it gave none. */
export function transactionName(depot: Depot, transaction: TransactionId): string | null {
  for (const known of depot.memory.table(knownTransactions).values()) {
    const entry = known.findLast((candidate) => candidate.transaction === transaction)
    if (entry !== undefined) return entry.name ?? null
  }
  return null
}
