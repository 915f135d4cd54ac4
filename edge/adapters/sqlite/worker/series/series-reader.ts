import { type Instant, instant } from '@busbar/units/time.ts'
import type { SeriesBucket, SeriesSample, SeriesSource } from '../../../../domain/ports/series.ts'
import type { Sqlite } from '../database.ts'
import { type MinuteIn, toBuckets } from './buckets.ts'
import { MINUTE_MS } from './minute-stats.ts'
import type { NameTable } from './names.ts'
import { fromSteps } from './quantities.ts'
import type { SampleTables } from './sample-tables.ts'
import type { Sealing } from './sealing.ts'
import type { StatTables } from './stat-tables.ts'

interface Parts {
  readonly sources: NameTable
  readonly quantities: NameTable
  readonly samples: SampleTables
  readonly stats: StatTables
  readonly sealing: Sealing
}

/** Answers what was measured, sealed or not. */
export class SeriesReader {
  readonly #parts: Parts
  readonly #late
  readonly #listed

  constructor(db: Sqlite, parts: Parts) {
    this.#parts = parts
    this.#late = db.prepare<[number, number, number], { minute: number; samples: number }>(
      'SELECT minute, samples FROM late WHERE source_id = ? AND minute >= ? AND minute < ?',
    )
    this.#listed = db.prepare<[], { source_id: number; quantity_id: number }>(
      'SELECT source_id, quantity_id FROM series',
    )
  }

  list(): readonly SeriesSource[] {
    const { sources, quantities } = this.#parts
    const found = new Map<string, string[]>()
    for (const { source_id, quantity_id } of this.#listed.iterate()) {
      const source = sources.nameOf(source_id)
      found.set(source, [...(found.get(source) ?? []), quantities.nameOf(quantity_id)])
    }
    return [...found].map(([source, names]) => ({ source, quantities: names.sort() }))
  }

  buckets(of: { source: string; quantity: string; edges: readonly Instant[] }): readonly SeriesBucket[] {
    const source = this.#parts.sources.known(of.source)
    const range = { from: (of.edges[0] ?? 0) / MINUTE_MS, to: (of.edges.at(-1) ?? 0) / MINUTE_MS }
    return toBuckets(
      of.quantity,
      source === undefined ? [] : this.#minutes(source, of.quantity, range),
      of.edges,
    )
  }

  samples(of: {
    source: string
    quantity: string
    from: Instant
    to: Instant
    limit: number
  }): readonly SeriesSample[] {
    const source = this.#parts.sources.known(of.source)
    if (source === undefined) return []
    const { samples } = this.#parts
    const all = [...samples.packed(source, of.from, of.to), ...samples.open(source, of.from, of.to)]
    return all
      .sort((a, b) => a.at - b.at)
      .flatMap(({ at, numbers }) => {
        const steps = numbers.get(of.quantity)
        return steps === undefined ? [] : { at: instant(at), value: fromSteps(of.quantity, steps) }
      })
      .slice(0, of.limit)
  }

  #minutes(source: number, quantity: string, range: { from: number; to: number }): readonly MinuteIn[] {
    const { stats, sealing } = this.#parts
    const late = new Map(
      this.#late.all(source, range.from, range.to).map(({ minute, samples }) => [minute, samples]),
    )
    const sealed = stats
      .within(source, quantity, range)
      .map((stat) => ({ ...stat, late: late.get(stat.minute) ?? 0, open: false }))
    const known = new Set(sealed.map(({ minute }) => minute))
    const open = sealing
      .openWithin(source, range)
      .filter((minute) => !known.has(minute))
      .flatMap((minute) => {
        const stat = sealing.provisional(source, minute).get(quantity)
        return stat === undefined ? [] : { ...stat, late: 0, open: true }
      })
    return open.length === 0 ? sealed : [...sealed, ...open].sort((a, b) => a.minute - b.minute)
  }
}
