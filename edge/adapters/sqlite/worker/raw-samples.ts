import { as } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { RawSample } from '../../../domain/ports/fact-log.ts'
import type { AppendItem, SampleSource } from '../messages.ts'
import { atomically, type Sqlite } from './database.ts'

const KEPT_MS = 14 * 86_400_000

const nameOf = (source: SampleSource): string =>
  'meter' in source ? `meter:${source.meter}` : `evse:${source.station}/${source.evse}`

/** Raw values of the last two weeks, in a file of their own. */
export class RawSamples {
  readonly #db: Sqlite
  readonly #ids = new Map<string, number>()
  readonly #insert
  readonly #prune
  readonly #range

  constructor(db: Sqlite) {
    this.#db = db
    this.#insert = db.prepare(
      'INSERT INTO sample (source_id, "transaction", at_ms, recorded_ms, values_json) VALUES (?, ?, ?, ?, ?)',
    )
    // Looks at the lowest ids only, so that its cost is bounded; a stamp far ahead is a clock that was wrong.
    this.#prune = db.prepare(
      `DELETE FROM sample WHERE id IN (
         SELECT id FROM (SELECT id, recorded_ms FROM sample ORDER BY id LIMIT ?) WHERE recorded_ms NOT BETWEEN ? AND ?)`,
    )
    this.#range = db.prepare<
      [string, number, number, number],
      { transaction: string | null; at_ms: Instant; values_json: string }
    >(
      `SELECT "transaction", at_ms, values_json FROM sample WHERE source_id = (SELECT id FROM source WHERE name = ?)
       AND at_ms BETWEEN ? AND ? ORDER BY at_ms, id LIMIT ?`,
    )
  }

  /** Stores the samples of a group and lets twice as many old ones go, so that deleting never takes long. */
  add(items: readonly AppendItem[]): void {
    try {
      atomically(this.#db, () => this.#addAll(items))
    } catch (thrown) {
      // a source named in a transaction that was rolled back has no id
      this.#ids.clear()
      throw thrown
    }
  }

  within(
    source: SampleSource,
    { from, to, limit }: { from: Instant; to: Instant; limit: number },
  ): readonly RawSample[] {
    return this.#range.all(nameOf(source), from, to, limit).map(({ transaction, at_ms, values_json }) => ({
      source:
        'meter' in source
          ? { meter: source.meter }
          : {
              station: source.station,
              evse: source.evse,
              transaction: transaction === null ? null : as(transaction),
            },
      at: at_ms,
      values: values_json,
    }))
  }

  #addAll(items: readonly AppendItem[]): void {
    for (const item of items) for (const sample of item.samples) this.#add(sample, item.recordedAt)
    const now = items.at(-1)?.recordedAt ?? 0
    const count = items.reduce((sum, { samples }) => sum + samples.length, 0)
    this.#prune.run(2 * count, now - KEPT_MS, now + KEPT_MS)
  }

  #add({ source, at, values }: RawSample, recordedAt: Instant): void {
    const transaction = 'meter' in source ? null : source.transaction
    this.#insert.run(this.#idOf(nameOf(source)), transaction, at, recordedAt, values)
  }

  #idOf(name: string): number {
    const known = this.#ids.get(name)
    if (known !== undefined) return known
    this.#db.prepare('INSERT INTO source (name) VALUES (?) ON CONFLICT DO NOTHING').run(name)
    const id =
      this.#db.prepare<[string], { id: number }>('SELECT id FROM source WHERE name = ?').get(name)?.id ?? 0
    this.#ids.set(name, id)
    return id
  }
}
