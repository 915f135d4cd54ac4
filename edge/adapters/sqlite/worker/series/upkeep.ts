import { instant } from '@busbar/units/time.ts'
import type { SeriesUse } from '../../../../domain/ports/series.ts'
import type { Sqlite } from '../database.ts'
import { MINUTE_MS } from './minute-stats.ts'
import { DAY_MINUTES, type StatTables } from './stat-tables.ts'

const RAW_MINUTES = 14 * DAY_MINUTES
/** 13 months. */
const KEPT_DAYS = 397
/** A day is packed this long after its end, so that its late minutes are mostly there. */
const PACK_AFTER_MINUTES = 60
const CALM_AT = 0.7
const WARN_AT = 0.85
const DROP_AT = 0.95
/** Let go in one go when the file is full. */
const DROPPED_AT_ONCE = 64

interface UpkeepOptions {
  readonly capBytes: number
  readonly sources: () => readonly number[]
  readonly report: (problem: string) => void
}

/** Keeps the series file in order and within its size, a small piece with each call. */
export class Upkeep {
  readonly #db: Sqlite
  readonly #stats: StatTables
  readonly #options: UpkeepOptions
  readonly #oldChunks
  readonly #oldDays
  readonly #oldLate
  readonly #dropChunks
  readonly #dropDays
  readonly #rawFrom
  readonly #daysFrom
  readonly #minutesFrom
  #next = 0
  #dropped = 0
  #warned = false

  constructor(db: Sqlite, stats: StatTables, options: UpkeepOptions) {
    this.#db = db
    this.#stats = stats
    this.#options = options
    // The lowest ids only, so that the cost is bounded and a clock that is wrong for an hour costs little.
    const lowest = (table: 'chunk' | 'day', at: string) =>
      db.prepare(
        `DELETE FROM ${table} WHERE id IN (
           SELECT id FROM (SELECT id, ${at} AS at FROM ${table} ORDER BY id LIMIT ?) WHERE at < ?)`,
      )
    this.#oldChunks = lowest('chunk', 'minute')
    this.#oldDays = lowest('day', 'day')
    this.#oldLate = db.prepare('DELETE FROM late WHERE minute < ?')
    const drop = (table: 'chunk' | 'day') =>
      db.prepare(
        `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} ORDER BY id LIMIT ${DROPPED_AT_ONCE})`,
      )
    this.#dropChunks = drop('chunk')
    this.#dropDays = drop('day')
    const first = (sql: string) => db.prepare<[], { at: number | null }>(sql)
    this.#rawFrom = first('SELECT minute AS at FROM chunk ORDER BY id LIMIT 1')
    this.#daysFrom = first('SELECT day AS at FROM day ORDER BY id LIMIT 1')
    this.#minutesFrom = first('SELECT minute AS at FROM minute ORDER BY id LIMIT 1')
  }

  /** After `count` minutes were sealed: lets at most twice as many old chunks go. */
  sealed(count: number, now: number): void {
    if (count > 0) this.#oldChunks.run(2 * count, Math.floor(now / MINUTE_MS) - RAW_MINUTES)
    this.#bound()
  }

  /** Packs one finished day of one source, the next in turn; true when it did. */
  packOne(now: number): boolean {
    const sources = this.#options.sources()
    const through = Math.floor((now / MINUTE_MS - PACK_AFTER_MINUTES) / DAY_MINUTES)
    for (let tried = 0; tried < sources.length; tried++) {
      const source = sources[this.#next++ % sources.length] ?? 0
      const day = this.#stats.oldestLooseDay(source)
      if (day === null || day >= through) continue
      const blobs = this.#stats.compact(source, day)
      this.#oldDays.run(2 * blobs, through - KEPT_DAYS)
      this.#oldLate.run((through - KEPT_DAYS) * DAY_MINUTES)
      return true
    }
    return false
  }

  use(): SeriesUse {
    const at = (minute: number | null | undefined) => (minute == null ? null : instant(minute * MINUTE_MS))
    const day = this.#daysFrom.get()?.at
    return {
      bytes: this.#bytes(),
      capBytes: this.#options.capBytes,
      samplesFrom: at(this.#rawFrom.get()?.at),
      minutesFrom: at(day == null ? this.#minutesFrom.get()?.at : day * DAY_MINUTES),
      droppedForSpace: this.#dropped,
    }
  }

  /** In use; pages that were freed are written again before the file grows. */
  #bytes(): number {
    const pragma = (name: string) => Number(this.#db.pragma(name, { simple: true }))
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
  }

  #bound(): void {
    const { capBytes, report } = this.#options
    const part = this.#bytes() / capBytes
    if (part > DROP_AT) {
      const gone = this.#dropChunks.run().changes || this.#dropDays.run().changes
      this.#dropped += gone
    }
    if (part > WARN_AT && !this.#warned)
      report(
        `the time series fill ${Math.round(100 * part)} % of their ${Math.round(capBytes / 1e6)} MB; above 95 % the oldest raw samples go first`,
      )
    if (part > WARN_AT) this.#warned = true
    if (part < CALM_AT) this.#warned = false
  }
}
