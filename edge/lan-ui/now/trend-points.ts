import type { SiteView, TrendPoint, TrendView } from '@busbar/contracts/lan-api/site-view.ts'
import { kilowattLimit, kilowatts } from '@busbar/ui-kit/format.ts'
import { isMeasured } from './site-pieces.ts'

/** Points closer together than this, in ms of the depot's clock, become one. */
const SPACING = 1_000

/** What a view adds to the trend. What was not measured just now leaves a gap. */
function pointOf({ at, power }: SiteView): TrendPoint {
  const measured = isMeasured(power)
  return {
    at,
    import_w: measured ? power.import_w : null,
    building_w: measured ? power.building_w : null,
    vehicles_w: power.vehicles_w,
    limit_w: power.limit_w,
  }
}

/** The trend with the newest view at its end and everything older than its window gone. */
export function extendTrend(trend: TrendView, view: SiteView): TrendView {
  const now = Date.parse(view.at)
  const oldest = now - trend.window_s * 1000
  const kept = trend.points.filter(({ at }) => Date.parse(at) >= oldest && Date.parse(at) < now)
  const [before, last] = kept.slice(-2)
  if (before && last && Date.parse(last.at) - Date.parse(before.at) < SPACING) kept.pop()
  return { ...trend, at: view.at, points: [...kept, pointOf(view)] }
}

/** The trend in words. */
export function describeTrend({ points, window_s }: TrendView): string {
  const known = points.flatMap(({ import_w }) => (import_w === null ? [] : [import_w]))
  const limit = points.at(-1)?.limit_w ?? null
  const range =
    known.length === 0
      ? 'nothing measured'
      : `between ${kilowatts(Math.min(...known))} and ${kilowatts(Math.max(...known))} kW, last ${kilowatts(known.at(-1) ?? null)} kW`
  const gaps =
    known.length > 0 && known.length < points.length ? '; with gaps where nothing was measured' : ''
  return `Site power over the last ${Math.round(window_s / 60)} minutes: ${range}; limit ${kilowattLimit(limit)} kW${gaps}`
}
