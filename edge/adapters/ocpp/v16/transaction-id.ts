import { as, type TransactionId } from '@busbar/model/ids.ts'
import { numberOf } from '../tolerant.ts'

const LARGEST = 2 ** 31 - 1
const isOurs = (number: number): boolean => Number.isInteger(number) && number >= 1 && number <= LARGEST

/** The transaction a station names; null for 0, -1, 2^63-1 and whatever else we cannot have given. */
export function transactionOf(transactionId: unknown): TransactionId | null {
  const number = numberOf(transactionId)
  return number !== null && isOurs(number) ? as<TransactionId>(String(number)) : null
}

/** The number of a transaction on the wire; null for one that was not made for OCPP 1.6. */
export function transactionIdOf(transaction: TransactionId): number | null {
  const number = Number(transaction)
  return isOurs(number) ? number : null
}
