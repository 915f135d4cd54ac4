import type { SourceLimits } from '../../messages.ts'
import type { Sqlite } from '../database.ts'
import type { Sample } from './chunk.ts'
import { MINUTE_MS, minuteStats } from './minute-stats.ts'
import type { SampleTables } from './sample-tables.ts'
import type { StatTables } from './stat-tables.ts'

/** A minute waits so long for its last samples, and for more after the latest that came. */
const GRACE_MS = 5_000
/** Minutes sealed in one go, so that no append waits for many. */
const SEALED_AT_ONCE = 8

const dueAt = (minute: number, recordedAt: number): number =>
  GRACE_MS + Math.max((minute + 1) * MINUTE_MS, recordedAt)

interface Tables {
  readonly samples: SampleTables
  readonly stats: StatTables
  readonly sources: () => readonly number[]
  readonly limitsOf: (source: number) => SourceLimits
}

/** Turns minutes that are over into their figures, each once. */
export class Sealing {
  readonly #tables: Tables
  readonly #late
  /** Minutes to seal by source, with the time their last sample was recorded. */
  readonly #open = new Map<number, Map<number, number>>()
  /** The next minute to seal is due then. */
  #due = Number.POSITIVE_INFINITY
  #recorded = Number.NEGATIVE_INFINITY

  constructor(db: Sqlite, tables: Tables) {
    this.#tables = tables
    this.#late = db.prepare(
      `INSERT INTO late (source_id, minute, samples) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET samples = samples + excluded.samples`,
    )
    this.reload()
  }

  /** Finds the open minutes in the file: at start, and after a transaction that was rolled back. */
  reload(): void {
    this.#open.clear()
    this.#due = Number.POSITIVE_INFINITY
    for (const { source_id, minute, recorded_ms } of this.#tables.samples.openMinutes())
      this.note(source_id, minute, recorded_ms)
    for (const source of this.#tables.sources()) {
      const latest = this.#tables.samples.latestPacked(source)
      if (latest === undefined) continue
      const minute = Math.floor(latest.at / MINUTE_MS)
      this.#reachOn(source, minute, { latest, now: (minute + 1) * MINUTE_MS })
    }
  }

  /** A sample of this minute was stored. */
  note(source: number, minute: number, recordedAt: number): void {
    const minutes = this.#open.get(source) ?? new Map<number, number>()
    this.#open.set(source, minutes)
    minutes.set(minute, recordedAt)
    this.#due = Math.min(this.#due, dueAt(minute, recordedAt))
    this.#recorded = Math.max(this.#recorded, recordedAt)
  }

  /** When the newest sample of an open minute was recorded. */
  get recorded(): number {
    return this.#recorded
  }

  /** True when a minute is over, or the clock was set back behind one. */
  isDue(now: number): boolean {
    return now >= this.#due || now < this.#recorded
  }

  /** Seals what is over, oldest first; answers how many minutes that were. */
  pass(now: number): number {
    const due: { source: number; minute: number; on: number | null }[] = []
    // recorded in the future: the clock was set back, and what comes now belongs to other minutes
    for (const [source, minutes] of this.#open)
      for (const [minute, recordedAt] of minutes)
        if (recordedAt > now || now >= dueAt(minute, recordedAt))
          due.push({ source, minute, on: recordedAt > now ? null : now })
    due.sort((a, b) => a.minute - b.minute)
    const chosen = due.slice(0, SEALED_AT_ONCE)
    for (const { source, minute, on } of chosen) this.#seal(source, minute, on)
    this.#recorded = Number.NEGATIVE_INFINITY
    this.#due = Number.POSITIVE_INFINITY
    for (const minutes of this.#open.values())
      for (const [minute, recordedAt] of minutes) {
        this.#due = Math.min(this.#due, dueAt(minute, recordedAt))
        this.#recorded = Math.max(this.#recorded, recordedAt)
      }
    return chosen.length
  }

  /** Seals all that is open as it stands, because the clock was set back: what comes now belongs to other minutes. */
  close(): void {
    for (const [source, minutes] of this.#open)
      for (const minute of [...minutes.keys()].sort((a, b) => a - b)) this.#seal(source, minute, null)
  }

  /** The figures of a minute as they stand, sealed or not. */
  provisional(source: number, minute: number) {
    const samples = this.#tables.samples.open(source, minute * MINUTE_MS, (minute + 1) * MINUTE_MS)
    return minuteStats(minute, [...this.#before(source, minute), ...samples], this.#tables.limitsOf(source))
  }

  /** Open minutes of a source from `from` up to before `to`, by time. */
  openWithin(source: number, { from, to }: { from: number; to: number }): readonly number[] {
    const minutes = [...(this.#open.get(source)?.keys() ?? [])]
    return minutes.filter((minute) => minute >= from && minute < to).sort((a, b) => a - b)
  }

  /** `on`: when the source goes on into the next minute; null when the clock was set back meanwhile. */
  #seal(source: number, minute: number, on: number | null): void {
    const { samples: tables, stats, limitsOf } = this.#tables
    const samples = tables.open(source, minute * MINUTE_MS, (minute + 1) * MINUTE_MS)
    const late = stats.isSealed(source, minute)
    if (late) {
      if (samples.length > 0) this.#late.run(source, minute, samples.length)
    } else {
      const limits = limitsOf(source)
      const before = this.#before(source, minute)
      const figures = minuteStats(minute, [...before, ...samples], limits)
      if (figures.size > 0) stats.add(source, minute, figures)
      if (on !== null) this.#reachOn(source, minute, { latest: samples.at(-1) ?? before.at(-1), now: on })
    }
    tables.pack(source, minute, { samples, whole: !late })
    this.#open.get(source)?.delete(minute)
  }

  /** What stood when the minute began. */
  #before(source: number, minute: number): readonly Sample[] {
    const { samples, limitsOf } = this.#tables
    const start = minute * MINUTE_MS
    const from = start - limitsOf(source).standsMs
    return [...samples.packed(source, from, start), ...samples.open(source, from, start)].sort(
      (a, b) => a.at - b.at,
    )
  }

  /** A value that stands beyond its minute also tells of the next, in which perhaps nothing comes. */
  #reachOn(
    source: number,
    minute: number,
    { latest, now }: { latest: Sample | undefined; now: number },
  ): void {
    const end = (minute + 1) * MINUTE_MS
    if (latest === undefined || latest.at + this.#tables.limitsOf(source).standsMs <= end) return
    if (!this.#open.get(source)?.has(minute + 1)) this.note(source, minute + 1, now)
  }
}
