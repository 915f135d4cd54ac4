import type { Sqlite } from '../database.ts'
import { packChunk, type Sample, unpackChunk } from './chunk.ts'
import { MINUTE_MS } from './minute-stats.ts'
import type { NameTable } from './names.ts'
import { parseValues } from './quantities.ts'

interface Row {
  transaction: string | null
  at_ms: number
  values_json: string
}

/** Raw samples: text as it came while the minute is open, packed afterwards. */
export class SampleTables {
  readonly #quantities: NameTable
  readonly #insert
  readonly #open
  readonly #openMinutes
  readonly #remove
  readonly #chunk
  readonly #chunks
  readonly #newest
  /** The chunk written last by source, which the next minute begins with. */
  readonly #latest = new Map<number, { minute: number; samples: readonly Sample[] }>()

  constructor(db: Sqlite, quantities: NameTable) {
    this.#quantities = quantities
    this.#insert = db.prepare(
      'INSERT INTO sample (source_id, "transaction", at_ms, recorded_ms, values_json) VALUES (?, ?, ?, ?, ?)',
    )
    this.#open = db.prepare<[number, number, number], Row>(
      `SELECT "transaction", at_ms, values_json FROM sample WHERE source_id = ? AND at_ms >= ? AND at_ms < ?
       ORDER BY at_ms, id`,
    )
    this.#openMinutes = db.prepare<[], { source_id: number; minute: number; recorded_ms: number }>(
      `SELECT source_id, CAST(floor(at_ms / ${MINUTE_MS}.0) AS INTEGER) AS minute, max(recorded_ms) AS recorded_ms
       FROM sample GROUP BY 1, 2`,
    )
    this.#remove = db.prepare('DELETE FROM sample WHERE source_id = ? AND at_ms >= ? AND at_ms < ?')
    this.#chunk = db.prepare('INSERT INTO chunk (source_id, minute, samples) VALUES (?, ?, ?)')
    this.#newest = db.prepare<[number], { samples: Buffer }>(
      'SELECT samples FROM chunk WHERE source_id = ? ORDER BY minute DESC, id DESC LIMIT 1',
    )
    this.#chunks = db.prepare<[number, number, number], { samples: Buffer }>(
      'SELECT samples FROM chunk WHERE source_id = ? AND minute BETWEEN ? AND ? ORDER BY minute, id',
    )
  }

  add(
    source: number,
    sample: { transaction: string | null; at: number; recordedAt: number; values: string },
  ): void {
    this.#insert.run(source, sample.transaction, sample.at, sample.recordedAt, sample.values)
  }

  /** Minutes that still have samples as text, and when the last of them was recorded. */
  openMinutes(): readonly { source_id: number; minute: number; recorded_ms: number }[] {
    return this.#openMinutes.all()
  }

  /** Samples still text from `from` up to before `to`, by time. */
  open(source: number, from: number, to: number): readonly Sample[] {
    return this.#open.all(source, from, to).map(({ transaction, at_ms, values_json }) => ({
      transaction,
      at: Math.floor(at_ms),
      ...parseValues(values_json),
    }))
  }

  /** Packed samples from `from` up to before `to`, by time. */
  packed(source: number, from: number, to: number): readonly Sample[] {
    const [first, last] = [Math.floor(from / MINUTE_MS), Math.floor((to - 1) / MINUTE_MS)]
    const latest = this.#latest.get(source)
    const samples =
      latest?.minute === first && first === last
        ? latest.samples
        : this.#chunks.all(source, first, last).flatMap((row) => unpackChunk(row.samples, this.#quantities))
    return samples.filter(({ at }) => at >= from && at < to)
  }

  /** The last sample of the newest chunk. */
  latestPacked(source: number): Sample | undefined {
    const row = this.#newest.get(source)
    return row === undefined ? undefined : unpackChunk(row.samples, this.#quantities).at(-1)
  }

  /** Replaces the text of a minute by one chunk; `whole` when the minute has no other. */
  pack(
    source: number,
    minute: number,
    { samples, whole }: { samples: readonly Sample[]; whole: boolean },
  ): void {
    if (samples.length === 0) return
    this.#chunk.run(source, minute, packChunk(samples, this.#quantities))
    this.#remove.run(source, minute * MINUTE_MS, (minute + 1) * MINUTE_MS)
    if (whole) this.#latest.set(source, { minute, samples })
    else this.#latest.delete(source)
  }

  /** After a transaction that was rolled back. */
  forget(): void {
    this.#latest.clear()
  }
}
