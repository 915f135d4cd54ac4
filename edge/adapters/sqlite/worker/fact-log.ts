import { createHash } from 'node:crypto'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { Epoch } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import { factLine } from '../../../domain/ports/fact-line.ts'
import type { LogHead, LogRecord } from '../../../domain/ports/fact-log.ts'
import type { Sqlite } from './database.ts'

interface LogRow {
  epoch: string
  prev_epoch: string | null
  acked: number
  floor: number
  floor_hash: Buffer
  boot_no: number
  projection_set: string
}
interface FactRow {
  seq: number
  line: string
  hash: Buffer
}

/** Records whose chain is checked at start: damage at the end of the file is what a broken disk leaves. */
const CHECKED_TAIL = 100
/** Appends wait this many records for a prune, no more. */
const PRUNED_AT_ONCE = 1000

const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The numbered, chained log. What `add` gives counts only after `accept`; `discard` takes it back. */
export class FactLogTable {
  readonly #db: Sqlite
  #seq = 0
  #hash: Buffer
  #nextSeq: number
  #nextHash: Buffer
  readonly #insert
  readonly #range
  readonly #log
  readonly #one

  constructor(db: Sqlite, newEpoch: Epoch) {
    this.#db = db
    db.prepare('INSERT INTO log (id, epoch, floor_hash) VALUES (1, ?, ?) ON CONFLICT DO NOTHING').run(
      newEpoch,
      sha256(newEpoch),
    )
    this.#log = db.prepare<[], LogRow>('SELECT * FROM log')
    this.#insert = db.prepare('INSERT INTO fact (seq, line, hash, recorded_ms) VALUES (?, ?, ?, ?)')
    this.#range = db.prepare<[number, number], FactRow>(
      'SELECT seq, line, hash FROM fact WHERE seq > ? ORDER BY seq LIMIT ?',
    )
    this.#one = db.prepare<[number], FactRow>('SELECT seq, line, hash FROM fact WHERE seq = ?')
    const { floor, floor_hash } = this.row()
    const last = db.prepare<[], FactRow>('SELECT seq, line, hash FROM fact ORDER BY seq DESC LIMIT 1').get()
    this.#seq = this.#nextSeq = last?.seq ?? floor - 1
    this.#hash = this.#nextHash = last?.hash ?? floor_hash
  }

  /** @throws DepotError `store.corrupt` when the last records do not continue each other */
  checkTail(): void {
    const from = Math.max(this.row().floor - 1, this.#seq - CHECKED_TAIL)
    let before = this.#chainAt(from)
    let expected = from + 1
    for (const { seq, line, hash } of this.#range.iterate(from, CHECKED_TAIL)) {
      if (seq !== expected || before === null || !sha256(before, line).equals(hash))
        throw new DepotError('store.corrupt', `the fact log does not hold together at record ${expected}`)
      before = hash
      expected = seq + 1
    }
  }

  get seq(): number {
    return this.#seq
  }

  row(): LogRow {
    const row = this.#log.get()
    if (row === undefined) throw new DepotError('store.corrupt', 'the fact log has lost its epoch')
    return row
  }

  head(): LogHead {
    const { epoch, prev_epoch, acked, floor } = this.row()
    return {
      epoch: epoch as Epoch,
      prevEpoch: prev_epoch as Epoch | null,
      seq: this.#seq,
      hash: this.#hash.toString('hex'),
      acked,
      floor,
    }
  }

  /** Numbers and chains one fact inside the running transaction; answers its line. */
  add(text: string, recordedAt: Instant): string {
    const line = factLine(this.#nextSeq + 1, text)
    this.#nextHash = sha256(this.#nextHash, line)
    this.#nextSeq += 1
    this.#insert.run(this.#nextSeq, line, this.#nextHash, recordedAt)
    return line
  }

  accept(): void {
    this.#seq = this.#nextSeq
    this.#hash = this.#nextHash
  }

  discard(): void {
    this.#nextSeq = this.#seq
    this.#nextHash = this.#hash
  }

  read(after: number, limit: number): readonly LogRecord[] {
    return this.#range
      .all(after, limit)
      .map(({ seq, line, hash }) => ({ seq, line, hash: hash.toString('hex') }))
  }

  /** Lines after `after` in pieces, so that the reader may write in between. */
  *lines(after: number, through: number): Generator<string> {
    for (let at = after; at < through; ) {
      const piece = this.#range.all(at, Math.min(1000, through - at))
      if (piece.length === 0) return
      for (const { line } of piece) yield line
      at += piece.length
    }
  }

  hashAt(seq: number): string | null {
    return this.#chainAt(seq)?.toString('hex') ?? null
  }

  acknowledge(seq: number): void {
    if (seq > this.#seq)
      throw new DepotError('store.failed', `acknowledged ${seq}, but the log ends at ${this.#seq}`)
    this.#db.prepare('UPDATE log SET acked = max(acked, ?)').run(seq)
  }

  /** The end of what may be pruned: older than `before` throughout, acknowledged unless alone, a bounded piece. */
  prunable(before: Instant, standAlone: boolean): number {
    const { acked, floor } = this.row()
    const end = Math.min(standAlone ? this.#seq : acked, floor - 1 + PRUNED_AT_ONCE)
    const young = this.#db
      .prepare<[number, number], { seq: number }>(
        'SELECT seq FROM fact WHERE seq <= ? AND recorded_ms >= ? ORDER BY seq LIMIT 1',
      )
      .get(end, before)
    return young === undefined ? end : young.seq - 1
  }

  /** Drops every record up to `through`, whose chain value stays known. */
  prune(through: number): void {
    const hash = this.#chainAt(through)
    this.#db.prepare('DELETE FROM fact WHERE seq <= ?').run(through)
    this.#db.prepare('UPDATE log SET floor = ?, floor_hash = ?').run(through + 1, hash)
  }

  #chainAt(seq: number): Buffer | null {
    const { floor, floor_hash } = this.row()
    return seq === floor - 1 ? floor_hash : (this.#one.get(seq)?.hash ?? null)
  }
}
