import { as } from '@busbar/model/ids.ts'
import { instant } from '@busbar/units/time.ts'
import type {
  LoggedMessage,
  MessageLogUse,
  MessagePage,
  MessageQuery,
} from '../../../domain/ports/message-log.ts'
import { atomically, type Sqlite } from './database.ts'

/** Two weeks. */
const KEPT_MS = 14 * 86_400_000
/** Let go with each group, beside as many as it brings, at most: this bounds what a group costs. */
const PRUNED_AT_ONCE = 2000
/** Part of the size to come down to. */
const FILLED = 0.95
/** Messages that one search looks at: it runs where facts are committed, so it must be short. */
const LOOKED_AT = 20_000

interface Row {
  readonly id: number
  readonly at_ms: number
  readonly station: string
  readonly connection: number
  readonly direction: 'in' | 'out'
  readonly kind: LoggedMessage['kind']
  readonly message_id: string | null
  readonly action: string | null
  readonly error_code: string | null
  readonly duration_ms: number | null
  readonly text: string
  readonly length: number
}

/** The frames of two weeks, in a file of their own that is kept below a size. */
export class MessageTable {
  readonly #db: Sqlite
  readonly #capBytes: number
  readonly #insert
  readonly #old
  readonly #oldest
  readonly #span

  constructor(db: Sqlite, capBytes: number) {
    this.#db = db
    this.#capBytes = capBytes
    // a log of frames is worth no wait for the disk: a power cut may cost its last seconds
    db.pragma('synchronous = NORMAL')
    this.#insert = db.prepare(
      `INSERT INTO message (at_ms, station, connection, direction, kind, message_id, action, error_code, duration_ms, text, length)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    // the lowest ids only, so that a clock that is wrong for an hour costs little
    this.#old = db.prepare(
      `DELETE FROM message WHERE id IN (
         SELECT id FROM (SELECT id, at_ms FROM message ORDER BY id LIMIT ?) WHERE at_ms < ?)`,
    )
    this.#span = db.prepare<[], { count: number }>('SELECT max(id) - min(id) + 1 AS count FROM message')
    this.#oldest = db.prepare('DELETE FROM message WHERE id IN (SELECT id FROM message ORDER BY id LIMIT ?)')
  }

  /** Stores a group and lets go of what is too old or too much, a bounded piece at a time. */
  add(messages: readonly LoggedMessage[]): void {
    atomically(this.#db, () => {
      for (const m of messages)
        this.#insert.run(
          ...[m.at, m.station, m.connection, m.direction, m.kind, m.messageId, m.action, m.errorCode],
          ...[m.durationMs, m.text, m.length],
        )
      const now = messages.at(-1)?.at
      if (now !== undefined) this.#old.run(PRUNED_AT_ONCE, now - KEPT_MS)
      const over = this.#over()
      if (over > 0) this.#oldest.run(Math.min(over, PRUNED_AT_ONCE + messages.length))
    })
  }

  find(query: MessageQuery): MessagePage {
    const { where, values } = within(query)
    const looked = `SELECT * FROM message WHERE ${where} ORDER BY id DESC LIMIT ${LOOKED_AT}`
    const wanted = matching(query)
    const rows = this.#db
      .prepare<unknown[], Row>(`SELECT * FROM (${looked}) WHERE ${wanted.where} ORDER BY id DESC LIMIT ?`)
      .all(...values, ...wanted.values, query.limit)
    return { messages: rows.map(toMessage), next: this.#next(query, rows) }
  }

  use(): Omit<MessageLogUse, 'dropped'> {
    const { count, from } = this.#db
      .prepare<[], { count: number; from: number | null }>(
        `SELECT count(*) AS count, (SELECT at_ms FROM message ORDER BY id LIMIT 1) AS "from" FROM message`,
      )
      .get() ?? { count: 0, from: null }
    return {
      messages: count,
      bytes: this.#bytes(),
      capBytes: this.#capBytes,
      from: from === null ? null : instant(from),
    }
  }

  /** Where to go on: after the last one found when the page is full, else after all that was looked at. */
  #next(query: MessageQuery, rows: readonly Row[]): number | null {
    const last = rows.at(-1)
    if (last !== undefined && rows.length === query.limit) return last.id
    const { where, values } = within(query)
    const beyond = this.#db
      .prepare<unknown[], { id: number }>(
        `SELECT id FROM message WHERE ${where} ORDER BY id DESC LIMIT 1 OFFSET ${LOOKED_AT}`,
      )
      .get(...values)
    return beyond === undefined ? null : beyond.id + 1
  }

  /** How many of the oldest to let go, judged by the mean size of a frame; ids have no gaps. */
  #over(): number {
    const bytes = this.#bytes()
    if (bytes <= this.#capBytes) return 0
    const { count } = this.#span.get() ?? { count: 0 }
    return Math.ceil(count * (1 - (FILLED * this.#capBytes) / bytes))
  }

  /** In use; pages that were freed are written again before the file grows. */
  #bytes(): number {
    const pragma = (name: string) => Number(this.#db.pragma(name, { simple: true }))
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
  }
}

/** What an index finds: these bound how much a search looks at. */
function within({ station, before }: MessageQuery): { where: string; values: unknown[] } {
  const values = [station, before].filter((value) => value !== undefined)
  const where = [station === undefined ? [] : ['station = ?'], before === undefined ? [] : ['id < ?']]
  return { where: where.flat().join(' AND ') || 'TRUE', values }
}

function matching(query: MessageQuery): { where: string; values: unknown[] } {
  const all: readonly (readonly [string, unknown])[] = [
    ['action = ?', query.action],
    ['direction = ?', query.direction],
    ['kind = ?', query.kind],
    ['at_ms >= ?', query.from],
    ['at_ms < ?', query.to],
    ['instr(text, ?) > 0', query.text],
  ]
  const given = all.filter(([, value]) => value !== undefined)
  return {
    where: given.map(([clause]) => clause).join(' AND ') || 'TRUE',
    values: given.map(([, value]) => value),
  }
}

const toMessage = (row: Row): LoggedMessage & { id: number } => ({
  id: row.id,
  at: instant(row.at_ms),
  station: as(row.station),
  connection: row.connection,
  direction: row.direction,
  kind: row.kind,
  messageId: row.message_id,
  action: row.action,
  errorCode: row.error_code,
  durationMs: row.duration_ms,
  text: row.text,
  length: row.length,
})
