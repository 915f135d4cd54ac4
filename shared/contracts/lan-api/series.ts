import { z } from 'zod'

const time = z.iso.datetime()

export const SeriesResolution = z.enum(['raw', '1min', '15min', '1h', '1d'])

/** `GET /api/v1/series`: what one quantity did from `from` up to before `to`. */
export const SeriesQuery = z.object({
  source: z.string().min(1).max(200).describe('meter:ID or evse:STATION/EVSE'),
  quantity: z.string().min(1).max(100).describe('e.g. power_w, current_a.l1, import_wh'),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  resolution: SeriesResolution.default('1min').describe('days are those of the depot'),
})

/** One stretch of time, in the unit at the end of the quantity's name. Where nothing was measured all is null and coverage 0. */
export const SeriesPoint = z.object({
  /** Start of the stretch. */
  at: time,
  min: z.number().nullable(),
  /** Weighted by how long each value stood. */
  mean: z.number().nullable(),
  max: z.number().nullable(),
  last: z.number().nullable(),
  /** Counters: what was added. Power: its integral over the time covered. */
  energy_wh: z.number().nullable(),
  coverage_pct: z.number(),
  /** `partial`: under 95 % of the time covered. `suspect`: built of a value that was doubted. */
  quality: z.enum(['good', 'partial', 'suspect', 'none']),
  /** `segment`: a register began anew. `late`: values that came too late to count. `open`: may still change. */
  marks: z.array(z.enum(['segment', 'late', 'open'])),
})

const head = { at: time, source: z.string(), quantity: z.string(), from: time, to: time }

export const SeriesView = z.discriminatedUnion('resolution', [
  z.object({
    ...head,
    resolution: SeriesResolution.extract(['1min', '15min', '1h', '1d']),
    points: z.array(SeriesPoint),
  }),
  z.object({
    ...head,
    resolution: SeriesResolution.extract(['raw']),
    points: z.array(z.object({ at: time, value: z.number() })),
    /** Where to go on when there were more; null when that was all. */
    next: time.nullable(),
  }),
])

/** `GET /api/v1/series/sources`: what was ever measured where, and the disk it takes. */
export const SeriesSourcesView = z.object({
  at: time,
  sources: z.array(z.object({ source: z.string(), quantities: z.array(z.string()) })),
  disk: z.object({
    bytes: z.number(),
    cap_bytes: z.number(),
    samples_from: time.nullable(),
    minutes_from: time.nullable(),
    /** Pieces let go since the start because the cap was reached. */
    dropped: z.int(),
  }),
})

export type SeriesQuery = z.infer<typeof SeriesQuery>
export type SeriesPoint = z.infer<typeof SeriesPoint>
export type SeriesView = z.infer<typeof SeriesView>
export type SeriesSourcesView = z.infer<typeof SeriesSourcesView>
