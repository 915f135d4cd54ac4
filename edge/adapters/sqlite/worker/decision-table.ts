import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { as } from '@busbar/model/ids.ts'
import { instant } from '@busbar/units/time.ts'
import type {
  DecisionEntry,
  DecisionLog,
  DecisionLogUse,
  KeptDecision,
  KeptReason,
} from '../../../domain/ports/decision-log.ts'
import { atomically, type Sqlite } from './database.ts'

/** Decisions of two weeks, sentences of a day. */
const DECISIONS_MS = 14 * 86_400_000
const REASONS_MS = 86_400_000
/** Let go with each group at most: this bounds what a group costs. */
const PRUNED_AT_ONCE = 2000
/** Records packed against one that stands alone. */
const CHAIN = 256
/** A record that shares less than this part of its length with the whole one stands alone from then on. */
const UNLIKE = 0.1
/** Part of the size to come down to. */
const FILLED = 0.95

interface Whole {
  readonly id: number
  readonly text: Buffer
  readonly followers: number
}

const PARAMS = { params: { [constants.ZSTD_c_compressionLevel]: 6, [constants.ZSTD_c_windowLog]: 20 } }
const pack = (text: Buffer, against: Buffer | null): Buffer =>
  zstdCompressSync(text, against === null ? PARAMS : { ...PARAMS, dictionary: against })
const unpack = (packed: Uint8Array, against: Buffer | null): Buffer =>
  zstdDecompressSync(packed, against === null ? {} : { dictionary: against })

/**
 * Decisions and sentences, in a file of their own that is kept below a size. Two records of one site differ in little,
 * so a record is packed against the last one that stands alone.
 */
export class DecisionTable {
  readonly #db: Sqlite
  readonly #capBytes: number
  readonly #insert
  readonly #say
  #whole: Whole | null = null

  constructor(db: Sqlite, capBytes: number) {
    this.#db = db
    this.#capBytes = capBytes
    // nothing relies on it: a power cut may cost its last seconds
    db.pragma('synchronous = NORMAL')
    this.#insert = db.prepare('INSERT INTO decision (at_ms, moves, whole, record) VALUES (?, ?, ?, ?)')
    this.#say = db.prepare('INSERT INTO reason (evse, at_ms, code, row, sentence) VALUES (?, ?, ?, ?, ?)')
  }

  /** Stores a group and lets go of what is too old or too much, a bounded piece at a time. */
  add(entries: readonly DecisionEntry[]): void {
    const before = this.#whole
    try {
      atomically(this.#db, () => {
        for (const { decision, reasons } of entries) {
          if (decision !== null) this.#keep(decision)
          for (const { evse, at, code, row, sentence } of reasons)
            this.#say.run(evse, at, code, row, sentence)
        }
        const last = entries.at(-1)
        const now = last?.decision?.at ?? last?.reasons.at(-1)?.at
        if (now !== undefined) this.#prune(now)
      })
    } catch (thrown) {
      this.#whole = before
      throw thrown
    }
  }

  decisions({ from, to, limit }: Parameters<DecisionLog['decisions']>[0]) {
    return this.#db
      .prepare<unknown[], { id: number; at_ms: number; moves: number }>(
        'SELECT id, at_ms, moves FROM decision WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms DESC, id DESC LIMIT ?',
      )
      .all(from, to, limit)
      .map(({ id, at_ms, moves }) => ({ id, at: instant(at_ms), moves }))
  }

  record(id: number): string | null {
    const row = this.#rowOf(id)
    if (row === undefined) return null
    const whole = row.whole === null ? undefined : this.#rowOf(row.whole)
    return unpack(row.record, whole === undefined ? null : unpack(whole.record, null)).toString()
  }

  reasons({ evse, from, to, limit }: Parameters<DecisionLog['reasons']>[0]): readonly KeptReason[] {
    interface Row {
      readonly at_ms: number
      readonly code: string
      readonly row: string | null
      readonly sentence: string
    }
    const began = this.#db
      .prepare<unknown[], { at: number | null }>(
        'SELECT max(at_ms) AS at FROM reason WHERE evse = ? AND at_ms < ?',
      )
      .get(evse, from)?.at
    return this.#db
      .prepare<unknown[], Row>(
        `SELECT at_ms, code, row, sentence FROM reason WHERE evse = ? AND at_ms >= ? AND at_ms < ?
         ORDER BY at_ms DESC, id DESC LIMIT ?`,
      )
      .all(evse, began ?? from, to, limit)
      .map(({ at_ms, ...rest }) => ({ at: instant(at_ms), evse: as(evse), ...rest }))
  }

  use(): Omit<DecisionLogUse, 'dropped'> {
    const { count, from } = this.#db
      .prepare<[], { count: number; from: number | null }>(
        'SELECT count(*) AS count, min(at_ms) AS "from" FROM decision',
      )
      .get() ?? { count: 0, from: null }
    return {
      decisions: count,
      bytes: this.#bytes(),
      capBytes: this.#capBytes,
      from: from === null ? null : instant(from),
    }
  }

  #keep({ at, moves, record }: KeptDecision): void {
    const text = Buffer.from(record)
    const whole = this.#whole
    if (whole !== null && whole.followers < CHAIN) {
      const packed = pack(text, whole.text)
      if (packed.length < text.length * UNLIKE) {
        this.#insert.run(at, moves, whole.id, packed)
        this.#whole = { ...whole, followers: whole.followers + 1 }
        return
      }
    }
    const { lastInsertRowid } = this.#insert.run(at, moves, null, pack(text, null))
    this.#whole = { id: Number(lastInsertRowid), text, followers: 0 }
  }

  #rowOf(id: number) {
    return this.#db
      .prepare<[number], { whole: number | null; record: Uint8Array }>(
        'SELECT whole, record FROM decision WHERE id = ?',
      )
      .get(id)
  }

  /** Whole chains only: one that others are packed against goes with the last of them. */
  #prune(now: number): void {
    this.#db
      .prepare('DELETE FROM reason WHERE id IN (SELECT id FROM reason WHERE at_ms < ? ORDER BY id LIMIT ?)')
      .run(now - REASONS_MS, PRUNED_AT_ONCE)
    const old = this.#firstKept('at_ms >= ?', now - DECISIONS_MS)
    if (old !== undefined) this.#deleteBefore(old)
    const bytes = this.#bytes()
    if (bytes <= this.#capBytes) return
    const { first, last } = this.#db
      .prepare<[], { first: number; last: number }>('SELECT min(id) AS first, max(id) AS last FROM decision')
      .get() ?? { first: 0, last: 0 }
    const over = Math.ceil((last - first + 1) * (1 - (FILLED * this.#capBytes) / bytes))
    const kept = this.#firstKept('id >= ?', first + Math.max(over, CHAIN))
    if (kept !== undefined) this.#deleteBefore(kept)
  }

  #firstKept(where: string, value: number): number | undefined {
    return this.#db
      .prepare<[number], { id: number }>(
        `SELECT coalesce(whole, id) AS id FROM decision WHERE ${where} ORDER BY decision.id LIMIT 1`,
      )
      .get(value)?.id
  }

  #deleteBefore(id: number): void {
    this.#db
      .prepare(
        `DELETE FROM decision WHERE id IN (SELECT id FROM decision WHERE id < ? ORDER BY id LIMIT ${PRUNED_AT_ONCE})`,
      )
      .run(id)
  }

  /** In use; pages that were freed are written again before the file grows. */
  #bytes(): number {
    const pragma = (name: string) => Number(this.#db.pragma(name, { simple: true }))
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
  }
}
