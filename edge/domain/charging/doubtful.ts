import type { StationId, TransactionId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { Fact } from '../facts.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** A record that a person has to look at: one that belongs to no transaction, or a transaction with odd figures. */
export interface Doubtful {
  /** Its name; stays the same until it is settled. */
  readonly id: string
  readonly kind: 'orphan' | 'suspect'
  readonly station: StationId
  readonly transaction: TransactionId | null
  readonly reasons: readonly string[]
  /** The message as it came, of an orphan. */
  readonly record: string | null
  readonly at: Instant
}

/** Records kept of one station; a station that invents them drives out its own oldest. */
const MOST = 200
/** Reasons kept of one transaction. */
const MOST_REASONS = 10
const INCOMPLETE = 'its end was not told; it was closed with the last register'

const idOf = (transaction: TransactionId): string => `transaction~${transaction}`

/** Records to be settled by station, oldest first. */
export const doubtfulRecords: ProjectionDefinition<readonly Doubtful[]> = {
  name: 'doubtful',
  keys: ({ fact }) => {
    switch (fact.type) {
      case 'OrphanReported':
      case 'TransactionStarted':
      case 'TransactionFlagged':
      case 'TransactionEnded':
      case 'TransactionCorrected':
      case 'DoubtSettled':
        return [fact.data.station]
      default:
        return []
    }
  },
  next: (row = [], { fact }) => {
    const next = changed(row, fact)
    return next.length === 0 ? undefined : next.slice(-MOST)
  },
}

function changed(row: readonly Doubtful[], fact: Fact): readonly Doubtful[] {
  switch (fact.type) {
    case 'OrphanReported':
      return [...row, orphan(row, fact.data, fact.occurred_at)]
    case 'TransactionStarted':
    case 'TransactionFlagged': {
      const reason = fact.type === 'TransactionStarted' ? fact.data.suspect : fact.data.reason
      return reason === null ? row : doubted(row, fact.data, { reason, at: fact.occurred_at })
    }
    case 'TransactionEnded':
    case 'TransactionCorrected': {
      // What was closed without its end, and has it now, is in doubt no more for that.
      const told = without(row, idOf(fact.data.transaction), INCOMPLETE)
      const reason = fact.data.suspect ?? (fact.data.incomplete ? INCOMPLETE : null)
      return reason === null ? told : doubted(told, fact.data, { reason, at: fact.occurred_at })
    }
    case 'DoubtSettled':
      return row.filter(({ id }) => id !== fact.data.doubt)
    default:
      return row
  }
}

function orphan(
  row: readonly Doubtful[],
  of: { station: StationId; reason: string; record: string },
  at: Instant,
): Doubtful {
  const name = `orphan~${of.station}~${at}`
  const same = row.filter(({ id }) => id === name || id.startsWith(`${name}~`)).length
  const id = same === 0 ? name : `${name}~${same}`
  return { ...of, id, kind: 'orphan', transaction: null, reasons: [of.reason], at }
}

function doubted(
  row: readonly Doubtful[],
  { station, transaction }: { station: StationId; transaction: TransactionId },
  { reason, at }: { reason: string; at: Instant },
): readonly Doubtful[] {
  const id = idOf(transaction)
  const known = row.find((record) => record.id === id)
  const reasons = [...new Set([...(known?.reasons ?? []), reason])].slice(0, MOST_REASONS)
  const record: Doubtful = {
    id,
    kind: 'suspect',
    station,
    transaction,
    reasons,
    record: null,
    at: known?.at ?? at,
  }
  return known === undefined ? [...row, record] : row.map((each) => (each.id === id ? record : each))
}

const without = (row: readonly Doubtful[], id: string, reason: string): readonly Doubtful[] =>
  row.flatMap((record) => {
    if (record.id !== id) return [record]
    const reasons = record.reasons.filter((each) => each !== reason)
    return reasons.length === 0 ? [] : [{ ...record, reasons }]
  })
