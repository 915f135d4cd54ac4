import type { TrendView } from '@busbar/contracts/lan-api/site-view.ts'
import { expect, test } from 'vitest'
import { exampleSite, exampleTrend } from '../example-site.ts'
import { describeTrend, extendTrend } from './trend-points.ts'

const site = exampleSite()
const after = (seconds: number) => ({
  ...site,
  at: new Date(Date.parse(site.at) + seconds * 1000).toISOString(),
})

test('a view is added at the end and what is older than the window falls out', () => {
  const trend = extendTrend(exampleTrend(), after(60))
  expect(trend.points.at(-1)).toMatchObject({ at: after(60).at, import_w: 428_600, limit_w: 500_000 })
  expect(Date.parse(trend.points[0]?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(after(60).at) - 900_000)
})

test('views that follow each other within a second become one point', () => {
  let trend = exampleTrend()
  for (const seconds of [0, 0.3, 0.6, 0.9]) trend = extendTrend(trend, after(seconds))
  expect(trend.points.slice(-3).map(({ at }) => at)).toEqual([after(-5).at, after(0).at, after(0.9).at])
})

test('the last reading of a silent meter leaves a gap', () => {
  const view = { ...site, power: { ...site.power, quality: 'reserve' as const } }
  expect(extendTrend(exampleTrend(), view).points.at(-1)).toMatchObject({ import_w: null, building_w: null })
})

test('a clock set back drops the points that now lie ahead', () => {
  const trend = extendTrend(exampleTrend(), after(-600))
  expect(Math.max(...trend.points.map(({ at }) => Date.parse(at)))).toBe(Date.parse(after(-600).at))
})

const few = (...import_w: (number | null)[]): TrendView => ({
  ...exampleTrend(),
  points: import_w.map((watts) => ({
    at: site.at,
    import_w: watts,
    building_w: null,
    vehicles_w: null,
    limit_w: 500_000,
  })),
})

test.each([
  [[400_000, 451_040, 428_600], 'between 400.0 and 451.0 kW, last 428.6 kW; limit 500 kW'],
  [[0, null], 'between 0.0 and 0.0 kW, last 0.0 kW; limit 500 kW; with gaps where nothing was measured'],
  [[null], 'nothing measured; limit 500 kW'],
  [[], 'nothing measured; limit – kW'],
])('%j is said as "%s"', (watts, words) => {
  expect(describeTrend(few(...watts))).toBe(`Site power over the last 15 minutes: ${words}`)
})
