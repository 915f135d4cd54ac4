import { type Instant, toIso } from '@busbar/units/time.ts'
import type { StoredFact } from '../../../../domain/facts.ts'
import type { TransactionRecord } from '../../../../domain/ports/projections.ts'
import { isConstraint, reasonOf, type Sqlite } from '../database.ts'

interface Row {
  id: string
  station: string
  evse: number
  vehicle: string | null
  id_token: string
  started_ms: Instant
  ended_ms: Instant | null
  energy_wh: number
  reason: string | null
}

/** Transactions as rows to search by time. An ended one changes only by its correction, so folding a fact twice changes nothing. */
export class TransactionRecords {
  readonly #db: Sqlite
  readonly #report: (problem: string) => void
  readonly #start
  readonly #energy
  readonly #end
  readonly #correct
  readonly #authorize
  readonly #begin
  readonly #window

  constructor(db: Sqlite, report: (problem: string) => void) {
    this.#db = db
    this.#report = report
    this.#start = db.prepare(
      `INSERT INTO transaction_record (id, started_seq, station, evse, vehicle, id_token, started_ms, energy_wh)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
    )
    this.#energy = db.prepare('UPDATE transaction_record SET energy_wh = ? WHERE id = ? AND ended_ms IS NULL')
    this.#end = db.prepare(
      'UPDATE transaction_record SET energy_wh = ?, ended_ms = ?, reason = ? WHERE id = ? AND ended_ms IS NULL',
    )
    this.#correct = db.prepare(
      'UPDATE transaction_record SET energy_wh = ?, ended_ms = ?, reason = ? WHERE id = ?',
    )
    this.#authorize = db.prepare('UPDATE transaction_record SET vehicle = ?, id_token = ? WHERE id = ?')
    this.#begin = db.prepare('UPDATE transaction_record SET started_ms = ? WHERE id = ?')
    this.#window = db.prepare<[number, number, number], Row>(
      `SELECT * FROM transaction_record WHERE started_ms <= ? AND (ended_ms IS NULL OR ended_ms >= ?)
       ORDER BY started_ms DESC, started_seq DESC LIMIT ?`,
    )
  }

  /** A fact that cannot become a row is reported: its fault may not cost the fact. */
  apply(stored: StoredFact): void {
    try {
      this.#apply(stored)
    } catch (thrown) {
      if (!isConstraint(thrown)) throw thrown
      this.#report(`the list of transactions cannot take fact ${stored.seq}: ${reasonOf(thrown)}`)
    }
  }

  #apply({ seq, fact }: StoredFact): void {
    if (fact.type === 'TransactionStarted') {
      const { transaction, station, evse, vehicle, id_token, started_at } = fact.data
      this.#start.run(transaction, seq, station, evse, vehicle, id_token, started_at)
    } else if (fact.type === 'TransactionAuthorized') {
      this.#authorize.run(fact.data.vehicle, fact.data.id_token, fact.data.transaction)
    } else if (fact.type === 'TransactionStartTold') {
      this.#begin.run(fact.data.started_at, fact.data.transaction)
    } else if (fact.type === 'TransactionEnergyRead') {
      this.#energy.run(fact.data.energy_wh, fact.data.transaction)
    } else if (fact.type === 'TransactionEnded') {
      const { transaction, energy_wh, ended_at, reason } = fact.data
      this.#end.run(energy_wh, ended_at, reason, transaction)
    } else if (fact.type === 'TransactionCorrected') {
      const { transaction, energy_wh, ended_at, reason } = fact.data
      this.#correct.run(energy_wh, ended_at, reason, transaction)
    }
  }

  /** Drops what the facts from `floor` on will build again; what began before them can only stay. */
  clear(floor: number): void {
    this.#db.prepare('DELETE FROM transaction_record WHERE started_seq >= ?').run(floor)
  }

  within(from: Instant, to: Instant, limit: number): readonly TransactionRecord[] {
    return this.#window.all(to, from, limit).map((row) => ({
      transaction: row.id,
      station: row.station,
      evse: row.evse,
      vehicle: row.vehicle,
      id_token: row.id_token,
      started_at: toIso(row.started_ms),
      ended_at: row.ended_ms === null ? null : toIso(row.ended_ms),
      energy_wh: row.energy_wh,
      reason: row.reason,
    }))
  }
}
