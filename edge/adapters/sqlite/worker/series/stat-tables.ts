import type { Sqlite } from '../database.ts'
import { ByteReader, ByteWriter, packed, unpacked } from './bytes.ts'
import type { MinuteStat } from './minute-stats.ts'
import type { NameTable } from './names.ts'
import { isCounter } from './quantities.ts'
import { readStats, writeStats } from './stat-columns.ts'

export const DAY_MINUTES = 1440

type Blob = { stats: Buffer }

/** Sealed minutes: rows of all quantities while the day is young, then one blob per quantity and day. */
export class StatTables {
  readonly #quantities: NameTable
  readonly #listed = new Set<string>()
  readonly #list
  readonly #insert
  readonly #one
  readonly #range
  readonly #oldest
  readonly #remove
  readonly #day
  readonly #days
  readonly #putDay

  constructor(db: Sqlite, quantities: NameTable) {
    this.#quantities = quantities
    this.#list = db.prepare(
      'INSERT INTO series (source_id, quantity_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
    )
    this.#insert = db.prepare('INSERT INTO minute (source_id, minute, stats) VALUES (?, ?, ?)')
    this.#one = db.prepare<[number, number], Blob>(
      'SELECT stats FROM minute WHERE source_id = ? AND minute = ?',
    )
    this.#range = db.prepare<[number, number, number], Blob>(
      'SELECT stats FROM minute WHERE source_id = ? AND minute >= ? AND minute < ? ORDER BY minute',
    )
    this.#oldest = db.prepare<[number], { minute: number | null }>(
      'SELECT min(minute) AS minute FROM minute WHERE source_id = ?',
    )
    this.#remove = db.prepare('DELETE FROM minute WHERE source_id = ? AND minute >= ? AND minute < ?')
    this.#day = db.prepare<[number, number, number], Blob>(
      'SELECT stats FROM day WHERE source_id = ? AND quantity_id = ? AND day = ?',
    )
    this.#days = db.prepare<[number, number, number, number], Blob>(
      'SELECT stats FROM day WHERE source_id = ? AND quantity_id = ? AND day BETWEEN ? AND ? ORDER BY day',
    )
    this.#putDay = db.prepare(
      `INSERT INTO day (source_id, quantity_id, day, stats) VALUES (?, ?, ?, ?)
       ON CONFLICT (source_id, quantity_id, day) DO UPDATE SET stats = excluded.stats`,
    )
  }

  add(source: number, minute: number, stats: ReadonlyMap<string, MinuteStat>): void {
    const out = new ByteWriter()
    for (const [quantity, stat] of stats) {
      const id = this.#quantities.idOf(quantity)
      out.unsigned(id)
      out.blob(writeStats([stat], isCounter(quantity)))
      this.#note(source, id)
    }
    this.#insert.run(source, minute, out.done())
  }

  isSealed(source: number, minute: number): boolean {
    if (this.#one.get(source, minute) !== undefined) return true
    const day = Math.floor(minute / DAY_MINUTES)
    for (const quantity of this.#quantities.ids) {
      const blob = this.#day.get(source, quantity, day)
      if (blob !== undefined && this.#unpack(blob, quantity).some((stat) => stat.minute === minute))
        return true
    }
    return false
  }

  /** Sealed minutes of one quantity from `from` up to before `to`, by time. */
  within(
    source: number,
    quantity: string,
    { from, to }: { from: number; to: number },
  ): readonly MinuteStat[] {
    const id = this.#quantities.known(quantity)
    if (id === undefined) return []
    const days = this.#days
      .all(source, id, Math.floor(from / DAY_MINUTES), Math.floor(to / DAY_MINUTES))
      .flatMap((blob) => this.#unpack(blob, id).filter(({ minute }) => minute >= from && minute < to))
    const rows = this.#range.all(source, from, to).flatMap(({ stats }) => this.#row(stats, id).get(id) ?? [])
    return rows.length === 0 || days.length === 0 ? [...days, ...rows] : [...days, ...rows].sort(byMinute)
  }

  /** The source's oldest day that has loose minutes; null when it has none. */
  oldestLooseDay(source: number): number | null {
    const minute = this.#oldest.get(source)?.minute ?? null
    return minute === null ? null : Math.floor(minute / DAY_MINUTES)
  }

  /** Turns a day's loose minutes into its blobs, adding to what they hold; answers how many blobs it wrote. */
  compact(source: number, day: number): number {
    const [from, to] = [day * DAY_MINUTES, (day + 1) * DAY_MINUTES]
    const byQuantity = new Map<number, MinuteStat[]>()
    for (const { stats } of this.#range.iterate(source, from, to))
      for (const [id, each] of this.#row(stats)) {
        const known = byQuantity.get(id)
        if (known === undefined) byQuantity.set(id, [...each])
        else known.push(...each)
      }
    for (const [id, loose] of byQuantity) this.putDay(source, { id, day, stats: loose })
    this.#remove.run(source, from, to)
    return byQuantity.size
  }

  putDay(
    source: number,
    { id, day, stats }: { id: number; day: number; stats: readonly MinuteStat[] },
  ): void {
    const before = this.#day.get(source, id, day)
    const all = before === undefined ? stats : [...this.#unpack(before, id), ...stats].sort(byMinute)
    this.#putDay.run(source, id, day, packed(writeStats(all, isCounter(this.#quantities.nameOf(id)))))
    this.#note(source, id)
  }

  /** After a transaction that was rolled back. */
  forget(): void {
    this.#listed.clear()
  }

  #note(source: number, quantity: number): void {
    const key = `${source}/${quantity}`
    if (this.#listed.has(key)) return
    this.#list.run(source, quantity)
    this.#listed.add(key)
  }

  #unpack({ stats }: Blob, quantity: number): readonly MinuteStat[] {
    return readStats(new ByteReader(unpacked(stats)), isCounter(this.#quantities.nameOf(quantity)))
  }

  /** A loose minute by quantity, or only `wanted` of it. */
  #row(blob: Uint8Array, wanted?: number): ReadonlyMap<number, readonly MinuteStat[]> {
    const stats = new Map<number, readonly MinuteStat[]>()
    for (const read = new ByteReader(blob); read.more; ) {
      const id = read.unsigned()
      const inner = read.blob()
      if (wanted === undefined || wanted === id)
        stats.set(id, readStats(new ByteReader(inner), isCounter(this.#quantities.nameOf(id))))
    }
    return stats
  }
}

const byMinute = (a: MinuteStat, b: MinuteStat): number => a.minute - b.minute
