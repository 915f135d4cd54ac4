import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import { SeriesSourcesView, SeriesView } from '@busbar/contracts/lan-api/series.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { fromIso, instant, toIso } from '@busbar/units/time.ts'
import { OpenAPIHono } from '@hono/zod-openapi'
import { describe, expect, test } from 'vitest'
import type { LiveSite } from '../../domain/live-site.ts'
import type { Series, SeriesBucket } from '../../domain/ports/series.ts'
import type { Caller } from './access.ts'
import { badRequest } from './problem.ts'
import { edgesOf } from './series-edges.ts'
import { addSeries } from './series-routes.ts'

const clock = new FakeClock(Date.UTC(2026, 9, 25, 12))
const empty: SeriesBucket = {
  min: null,
  mean: null,
  max: null,
  last: null,
  energyWh: null,
  coveredMs: 0,
  suspect: false,
  segment: false,
  late: 0,
  open: false,
}
const asked: { from: string; to: string; count: number }[] = []
const series: Series = {
  sources: async () => [{ source: 'meter:grid', quantities: ['power_w'] }],
  buckets: async ({ edges }) => {
    asked.push({
      from: toIso(edges[0] ?? instant(0)),
      to: toIso(edges.at(-1) ?? instant(0)),
      count: edges.length - 1,
    })
    return edges.slice(1).map((edge, index) => {
      const whole = edge - (edges[index] ?? 0)
      if (index === 1) return empty
      return {
        ...empty,
        min: 1,
        mean: 2.00049,
        max: 3,
        last: 2,
        energyWh: 0.5,
        coveredMs: index === 0 ? whole : whole / 2,
        late: index,
      }
    })
  },
  samples: async ({ from, to, limit }) =>
    Array.from({ length: Math.min(limit, (to - from) / 1000) }, (_, n) => ({
      at: instant(from + n * 1000),
      value: n,
    })),
  use: async () => ({
    bytes: 5,
    capBytes: 9,
    samplesFrom: instant(0),
    minutesFrom: null,
    droppedForSpace: 0,
  }),
}
const app = new OpenAPIHono<Caller>({
  defaultHook: (result, c) => (result.success ? undefined : badRequest(c, result.error)),
})
addSeries(app, { series, clock, live: () => ({ depot: { time_zone: 'Europe/Berlin' } }) as LiveSite })

const ask = (query: Record<string, string>) =>
  app.request(
    `/api/v1/series?${new URLSearchParams({ source: 'meter:grid', quantity: 'power_w', from: '2026-10-25T08:00:00Z', to: '2026-10-25T08:03:00Z', ...query })}`,
  )
const view = async (query: Record<string, string>) => {
  const answer = await ask(query)
  expect(answer.status).toBe(200)
  return SeriesView.parse(await answer.json())
}
async function refused(query: Record<string, string>): Promise<Problem> {
  const answer = await ask(query)
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  const problem = Problem.parse(await answer.json())
  expect(problem.status).toBe(answer.status)
  return problem
}

describe('a series', () => {
  test('is one point for each stretch, a gap as a gap', async () => {
    const { points } = await view({})
    expect(points).toEqual([
      {
        at: '2026-10-25T08:00:00.000Z',
        min: 1,
        mean: 2,
        max: 3,
        last: 2,
        energy_wh: 0.5,
        coverage_pct: 100,
        quality: 'good',
        marks: [],
      },
      {
        at: '2026-10-25T08:01:00.000Z',
        min: null,
        mean: null,
        max: null,
        last: null,
        energy_wh: null,
        coverage_pct: 0,
        quality: 'none',
        marks: [],
      },
      {
        at: '2026-10-25T08:02:00.000Z',
        min: 1,
        mean: 2,
        max: 3,
        last: 2,
        energy_wh: 0.5,
        coverage_pct: 50,
        quality: 'partial',
        marks: ['late'],
      },
    ])
  })

  test('ends with the present: what has not come yet is no gap', async () => {
    await view({ from: '2026-10-25T11:00:00Z', to: '2026-10-26T00:00:00Z', resolution: '15min' })
    expect(asked.at(-1)).toEqual({
      from: '2026-10-25T11:00:00.000Z',
      to: '2026-10-25T12:00:00.000Z',
      count: 4,
    })
    expect(await view({ from: '2027-01-01T00:00:00Z', to: '2027-01-02T00:00:00Z' })).toMatchObject({
      points: [],
    })
  })

  test('of samples says where to go on when there are more than one answer holds', async () => {
    const few = await view({ resolution: 'raw' })
    expect(few).toMatchObject({ resolution: 'raw', next: null })
    const many = await view({ resolution: 'raw', to: '2026-10-25T12:00:00Z' })
    expect(many).toMatchObject({ next: '2026-10-25T11:03:20.000Z' })
    expect(many.points).toHaveLength(11_000)
  })

  test('is refused when it would be too long, in words that say what to ask', async () => {
    expect(await refused({ from: '2026-01-01T00:00:00Z' })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('more coarsely'),
    })
    expect(await refused({ from: '2026-10-01T00:00:00Z', resolution: 'raw' })).toMatchObject({ status: 400 })
    expect(await refused({ from: '2026-10-25T09:00:00Z' })).toMatchObject({
      status: 400,
      detail: 'from: must be before to',
    })
    expect(await refused({ resolution: '2min' })).toMatchObject({
      status: 400,
      errors: [{ at: 'resolution' }],
    })
    expect(await refused({ from: 'yesterday' })).toMatchObject({ status: 400, errors: [{ at: 'from' }] })
  })

  test('of something nobody measured is not found, and says what there is', async () => {
    expect(await refused({ source: 'meter:attic' })).toMatchObject({
      status: 404,
      detail: expect.stringContaining('meter:attic'),
    })
    expect(await refused({ quantity: 'mood' })).toMatchObject({
      status: 404,
      detail: expect.stringContaining('power_w'),
    })
  })

  test('is documented, and its sources are listed with the disk they take', async () => {
    const documented = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 't', version: '1' } })
    expect(Object.keys(documented.paths ?? {})).toEqual(['/api/v1/series/sources', '/api/v1/series'])
    const listed = SeriesSourcesView.parse(await (await app.request('/api/v1/series/sources')).json())
    expect(listed).toMatchObject({
      sources: [{ source: 'meter:grid' }],
      disk: { cap_bytes: 9, minutes_from: null },
    })
  })
})

describe('days', () => {
  const days = (from: string, to: string, timeZone = 'Europe/Berlin') =>
    edgesOf({ from: fromIso(from), to: fromIso(to) }, { resolution: '1d', timeZone }).map(toIso)

  test('are those of the depot, of 25 hours when the clocks go back and of 23 when they go on', () => {
    expect(days('2026-10-24T22:00:00Z', '2026-10-26T23:00:00Z')).toEqual([
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
      '2026-10-26T23:00:00.000Z',
    ])
    expect(days('2027-03-28T10:00:00Z', '2027-03-28T11:00:00Z')).toEqual([
      '2027-03-27T23:00:00.000Z',
      '2027-03-28T22:00:00.000Z',
    ])
  })

  test('begin where the clocks change at midnight itself', () => {
    expect(days('2026-09-06T12:00:00Z', '2026-09-06T13:00:00Z', 'America/Santiago')[0]).toBe(
      '2026-09-06T04:00:00.000Z',
    )
    expect(days('2026-11-21T12:00:00Z', '2026-11-21T13:00:00Z', 'Asia/Kathmandu')[0]).toBe(
      '2026-11-20T18:15:00.000Z',
    )
  })
})
