import type { Instant } from '@busbar/units/time.ts'
import type { StoredFact } from '../facts.ts'

/**
 * One read model: a pure fold of facts into rows. The store keeps the rows in the transaction that holds the facts;
 * the control loop keeps the same rows in memory by the same fold.
 */
export interface ProjectionDefinition<Row> {
  readonly name: string
  /** The rows this fact touches; usually none or one. */
  keys(stored: StoredFact): readonly string[]
  /** The row after the fact; undefined removes it. */
  next(row: Row | undefined, stored: StoredFact): Row | undefined
}

export interface ProjectionRow {
  readonly key: string
  readonly row: unknown
}

/** One finished or running transaction, for lists and reports. Times are ISO 8601 UTC. */
export interface TransactionRecord {
  readonly transaction: string
  readonly station: string
  readonly evse: number
  readonly vehicle: string | null
  readonly id_token: string
  readonly started_at: string
  readonly ended_at: string | null
  readonly energy_wh: number
  readonly reason: string | null
}

/** Read models of the committed facts. */
export interface Projections {
  /** All rows of one read model. */
  load(name: string): Promise<readonly ProjectionRow[]>
  /** Builds every read model anew from the facts; afterwards `load` answers the same as before. */
  rebuild(): Promise<void>
  /** Transactions that ran at any time in the window, newest first. */
  transactions(window: { from: Instant; to: Instant; limit: number }): Promise<readonly TransactionRecord[]>
}
