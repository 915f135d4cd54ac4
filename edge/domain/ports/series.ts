import type { Instant } from '@busbar/units/time.ts'

/** What one quantity did between two edges. Numbers are in the unit at the end of the quantity's name. */
export interface SeriesBucket {
  /** Null of counters, and where nothing was measured. */
  readonly min: number | null
  /** Weighted by the time each value stood. */
  readonly mean: number | null
  readonly max: number | null
  readonly last: number | null
  /** Of a counter: what it rose by, also over a gap inside the bucket. Of a power: its integral over the time covered. Wh. */
  readonly energyWh: number | null
  /** For how much of the bucket there was a value, ms. */
  readonly coveredMs: number
  readonly suspect: boolean
  /** A counter began anew: reset, other meter, or a jump. */
  readonly segment: boolean
  /** Samples that came after the minute was sealed and are not in it. */
  readonly late: number
  /** Not all of its minutes are sealed. */
  readonly open: boolean
}

export interface SeriesSample {
  readonly at: Instant
  readonly value: number
}

/** What was ever measured at one place: `meter:ID` or `evse:STATION/EVSE`. */
export interface SeriesSource {
  readonly source: string
  readonly quantities: readonly string[]
}

/** Disk used by the series, and how far back they reach. */
export interface SeriesUse {
  readonly bytes: number
  /** What `bytes` is kept below. */
  readonly capBytes: number
  readonly samplesFrom: Instant | null
  readonly minutesFrom: Instant | null
  /** Pieces let go since the start because the file was full. */
  readonly droppedForSpace: number
}

/** What was measured: raw samples of two weeks, minutes of 13 months. Rejects `store.failed`. */
export interface Series {
  sources(): Promise<readonly SeriesSource[]>
  /** One bucket between each two edges, which are whole minutes; of a source nobody knows all are empty. */
  buckets(query: {
    source: string
    quantity: string
    edges: readonly Instant[]
  }): Promise<readonly SeriesBucket[]>
  /** Samples from `from` up to before `to`, by time, at most `limit`. */
  samples(query: {
    source: string
    quantity: string
    from: Instant
    to: Instant
    limit: number
  }): Promise<readonly SeriesSample[]>
  use(): Promise<SeriesUse>
}
