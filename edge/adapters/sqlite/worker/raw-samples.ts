import { messageOf } from '@busbar/model/depot-error.ts'
import { as } from '@busbar/model/ids.ts'
import { type Instant, instant } from '@busbar/units/time.ts'
import type { RawSample } from '../../../domain/ports/fact-log.ts'
import type { SeriesUse } from '../../../domain/ports/series.ts'
import type { AppendItem, SampleSource, SeriesOptions, SourceLimits } from '../messages.ts'
import { atomically, type Sqlite } from './database.ts'
import { MINUTE_MS } from './series/minute-stats.ts'
import { NameTable } from './series/names.ts'
import { valuesText } from './series/quantities.ts'
import { SampleTables } from './series/sample-tables.ts'
import { Sealing } from './series/sealing.ts'
import { SeriesReader } from './series/series-reader.ts'
import { StatTables } from './series/stat-tables.ts'
import { Upkeep } from './series/upkeep.ts'

/** How long values stand when nothing more is known of a source. */
const STANDS_MS = { meter: 15_000, evse: 90_000 }
/** A source-day is packed at most this often. */
const PACK_EVERY_MS = 5_000
/** A clock set back by less leaves a minute open: its few values twice are all true. */
const SET_BACK_MS = 5_000

const nameOf = (source: SampleSource): string =>
  'meter' in source ? `meter:${source.meter}` : `evse:${source.station}/${source.evse}`

/** What was measured: samples of two weeks and minutes of 13 months, in a file of their own. */
export class RawSamples {
  readonly reader: SeriesReader
  readonly #db: Sqlite
  readonly #options: SeriesOptions
  readonly #report: (problem: string) => void
  readonly #sources: NameTable
  readonly #quantities: NameTable
  readonly #samples: SampleTables
  readonly #stats: StatTables
  readonly #sealing: Sealing
  readonly #upkeep: Upkeep
  readonly #limits = new Map<number, SourceLimits>()
  #packedAt = 0
  #recordedAt: Instant

  constructor(db: Sqlite, options: SeriesOptions, report: (problem: string) => void) {
    this.#db = db
    this.#options = options
    this.#report = report
    this.#sources = new NameTable(db, 'source')
    this.#quantities = new NameTable(db, 'quantity')
    this.#samples = new SampleTables(db, this.#quantities)
    this.#stats = new StatTables(db, this.#quantities)
    this.#sealing = new Sealing(db, {
      samples: this.#samples,
      stats: this.#stats,
      sources: () => this.#sources.ids,
      limitsOf: (source) => this.#limitsOf(source),
    })
    this.#recordedAt = instant(Math.max(this.#sealing.recorded, Number.MIN_SAFE_INTEGER))
    this.#upkeep = new Upkeep(db, this.#stats, {
      capBytes: options.capBytes,
      sources: () => this.#sources.ids,
      report,
    })
    this.reader = new SeriesReader(db, {
      sources: this.#sources,
      quantities: this.#quantities,
      samples: this.#samples,
      stats: this.#stats,
      sealing: this.#sealing,
    })
  }

  /** Stores the samples of a group; with them goes a bounded piece of sealing and upkeep. */
  add(items: readonly AppendItem[]): void {
    for (let from = 0; from < items.length; ) {
      const to = this.#setBackAt(items, from)
      this.#undoable(() => {
        for (const item of items.slice(from, to))
          for (const sample of item.samples) this.#add(sample, item.recordedAt)
      })
      this.#recordedAt = items[to - 1]?.recordedAt ?? this.#recordedAt
      this.#guarded(() => this.#keepUp(this.#recordedAt))
      from = to
    }
  }

  within(
    source: SampleSource,
    { from, to, limit }: { from: Instant; to: Instant; limit: number },
  ): readonly RawSample[] {
    const id = this.#sources.known(nameOf(source))
    if (id === undefined) return []
    const all = [...this.#samples.packed(id, from, to + 1), ...this.#samples.open(id, from, to + 1)]
    return all
      .sort((a, b) => a.at - b.at)
      .slice(0, limit)
      .map((sample) => ({
        source:
          'meter' in source
            ? { meter: source.meter }
            : { ...source, transaction: sample.transaction === null ? null : as(sample.transaction) },
        at: instant(sample.at),
        values: valuesText(sample),
      }))
  }

  /** Where the clock is next set back by so much that minutes would mix; closes what is open if that is at `from`. */
  #setBackAt(items: readonly AppendItem[], from: number): number {
    const set = (index: number) =>
      (items[index]?.recordedAt ?? 0) < (items[index - 1]?.recordedAt ?? this.#recordedAt) - SET_BACK_MS
    if (set(from)) this.#guarded(() => this.#undoable(() => this.#sealing.close()))
    let to = from + 1
    while (to < items.length && !set(to)) to++
    return to
  }

  /** The samples are stored whatever comes of this; minutes that fail stay open and are sealed another time. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (thrown) {
      this.#report(`minutes could not be sealed: ${messageOf(thrown)}`)
    }
  }

  use(): SeriesUse {
    return this.#upkeep.use()
  }

  #keepUp(now: Instant): void {
    const pack = Math.abs(now - this.#packedAt) >= PACK_EVERY_MS
    if (!this.#sealing.isDue(now) && !pack) return
    this.#undoable(() => {
      this.#upkeep.sealed(this.#sealing.pass(now), now)
      if (!pack) return
      this.#packedAt = now
      this.#upkeep.packOne(now)
    })
  }

  #add({ source, at, values }: RawSample, recordedAt: Instant): void {
    const id = this.#sources.idOf(nameOf(source))
    const transaction = 'meter' in source ? null : source.transaction
    this.#samples.add(id, { transaction, at, recordedAt, values })
    this.#sealing.note(id, Math.floor(at / MINUTE_MS), recordedAt)
  }

  #limitsOf(source: number): SourceLimits {
    const known = this.#limits.get(source)
    if (known !== undefined) return known
    const name = this.#sources.nameOf(source)
    const standsMs = STANDS_MS[name.startsWith('meter:') ? 'meter' : 'evse']
    const limits = { standsMs, maxW: null, ...this.#options.limits[name] }
    this.#limits.set(source, limits)
    return limits
  }

  /** One transaction; when it fails, so does everything remembered of it. */
  #undoable(work: () => void): void {
    try {
      atomically(this.#db, work)
    } catch (thrown) {
      this.#sources.forget()
      this.#quantities.forget()
      this.#samples.forget()
      this.#stats.forget()
      this.#sealing.reload()
      throw thrown
    }
  }
}
