import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import {
  type SeriesPoint,
  SeriesQuery,
  SeriesSourcesView,
  SeriesView,
} from '@busbar/contracts/lan-api/series.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { fromIso, type Instant, instant, toIso } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { LiveSite } from '../../domain/live-site.ts'
import type { Series, SeriesBucket } from '../../domain/ports/series.ts'
import type { Caller } from './access.ts'
import { bucketsIn, edgesOf } from './series-edges.ts'

/** Points of one answer at most: a week of minutes, or three hours of samples each second. */
const MAX_POINTS = 11_000
const MAX_RAW_HOURS = 24
const HOUR = 3_600_000

const problemOf = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
})
const seriesRoute = createRoute({
  method: 'get',
  path: '/api/v1/series',
  request: { query: SeriesQuery },
  responses: {
    200: {
      description: `What one quantity did, a gap as a gap; at most ${MAX_POINTS} points`,
      content: { 'application/json': { schema: SeriesView } },
    },
    400: problemOf('The request does not fit'),
    404: problemOf('Nothing was ever recorded of that'),
  },
})
const sourcesRoute = createRoute({
  method: 'get',
  path: '/api/v1/series/sources',
  responses: {
    200: {
      description: 'What was ever measured where, and the disk it takes',
      content: { 'application/json': { schema: SeriesSourcesView } },
    },
  },
})

export interface SeriesApi {
  readonly series: Series
  readonly clock: Clock
  readonly live: () => LiveSite
}

/** `GET /api/v1/series` and its list of sources. */
export function addSeries(app: OpenAPIHono<Caller>, api: SeriesApi): void {
  app.openapi(sourcesRoute, async (c) => {
    const [sources, use] = await Promise.all([api.series.sources(), api.series.use()])
    const time = (at: Instant | null) => (at === null ? null : toIso(at))
    const disk = {
      bytes: use.bytes,
      cap_bytes: use.capBytes,
      samples_from: time(use.samplesFrom),
      minutes_from: time(use.minutesFrom),
      dropped: use.droppedForSpace,
    }
    const listed = sources.map(({ source, quantities }) => ({ source, quantities: [...quantities] }))
    return c.json({ at: toIso(api.clock.now()), sources: listed, disk }, 200)
  })
  app.openapi(seriesRoute, async (c) => {
    const query = c.req.valid('query')
    const range = { from: fromIso(query.from), to: fromIso(query.to) }
    const wrong = tooMuch(range, query.resolution)
    if (wrong !== null) return c.json(problemBody(400, 'The request does not fit', wrong), 400, PROBLEM)
    const missing = await unknown(api.series, query)
    if (missing !== null)
      return c.json(problemBody(404, 'Nothing was ever recorded of that', missing), 404, PROBLEM)
    return c.json(await answer(api, { ...query, ...range }), 200)
  })
}

const PROBLEM = { 'content-type': 'application/problem+json' }
const problemBody = (status: number, title: string, detail: string): Problem => ({
  type: 'about:blank',
  title,
  status,
  detail,
})

type Range = { readonly from: Instant; readonly to: Instant }
type Asked = Omit<SeriesQuery, 'from' | 'to'> & Range

function tooMuch(range: Range, resolution: SeriesQuery['resolution']): string | null {
  if (range.from >= range.to) return 'from: must be before to'
  if (resolution === 'raw')
    return range.to - range.from > MAX_RAW_HOURS * HOUR ? `raw: at most ${MAX_RAW_HOURS} hours at once` : null
  return bucketsIn(range, resolution) > MAX_POINTS
    ? `resolution: this range has more than ${MAX_POINTS} points at ${resolution}; ask for less or more coarsely`
    : null
}

async function unknown(series: Series, { source, quantity }: SeriesQuery): Promise<string | null> {
  const sources = await series.sources()
  const found = sources.find((each) => each.source === source)
  if (found === undefined) return `source ${source}: see /api/v1/series/sources`
  if (found.quantities.includes(quantity)) return null
  return `quantity ${quantity}: ${source} has ${found.quantities.join(', ')}`
}

async function answer({ series, clock, live }: SeriesApi, asked: Asked): Promise<SeriesView> {
  const { source, quantity, resolution, from } = asked
  const now = clock.now()
  const head = { at: toIso(now), source, quantity, from: toIso(from), to: toIso(asked.to) }
  if (resolution === 'raw') {
    const found = await series.samples({ source, quantity, from, to: asked.to, limit: MAX_POINTS + 1 })
    const next = found[MAX_POINTS]
    const points = found.slice(0, MAX_POINTS).map(({ at, value }) => ({ at: toIso(at), value }))
    return { ...head, resolution, points, next: next === undefined ? null : toIso(next.at) }
  }
  // what has not come yet is no gap
  const to = instant(Math.min(asked.to, Math.max(from, now)))
  const edges = edgesOf({ from, to }, { resolution, timeZone: live().depot.time_zone })
  const buckets = await series.buckets({ source, quantity, edges })
  const points = buckets.map((bucket, index) =>
    pointOf(bucket, { from: edges[index] ?? from, to: edges[index + 1] ?? to }),
  )
  return { ...head, resolution, points }
}

function pointOf(bucket: SeriesBucket, { from, to }: Range): SeriesPoint {
  const coverage = (100 * bucket.coveredMs) / (to - from)
  const marks: SeriesPoint['marks'] = []
  if (bucket.segment) marks.push('segment')
  if (bucket.late > 0) marks.push('late')
  if (bucket.open) marks.push('open')
  return {
    at: toIso(from),
    min: bucket.min,
    mean: rounded(bucket.mean),
    max: bucket.max,
    last: bucket.last,
    energy_wh: rounded(bucket.energyWh),
    coverage_pct: Math.round(coverage * 10) / 10,
    quality: bucket.suspect ? 'suspect' : coverage >= 95 ? 'good' : bucket.last === null ? 'none' : 'partial',
    marks,
  }
}

/** Digits beyond the thousandth say nothing. */
const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 1000) / 1000
