import type { SiteView, TrendPoint, TrendView } from '@busbar/contracts/lan-api/site-view.ts'
import { type Trend, TrendChart } from '@busbar/ui-kit/components/trend-chart.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { kilowatts } from '@busbar/ui-kit/format.ts'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { fetchTrend } from '../site-store.ts'
import { describeTrend, extendTrend } from './trend-points.ts'

/** The trend as served, fetched again after each loss, and grown with every view. */
function useTrend(view: SiteView, lost: boolean): TrendView | null {
  const [trend, setTrend] = useState<TrendView | null>(null)
  useEffect(() => {
    if (lost) return
    const stop = new AbortController()
    void fetchTrend(stop.signal).then((served) => served && setTrend(served))
    return () => stop.abort()
  }, [lost])
  useEffect(() => setTrend((before) => before && extendTrend(before, view)), [view])
  return trend
}

const columns = ({ at, window_s, points }: TrendView): Trend => ({
  from: Date.parse(at) - window_s * 1000,
  to: Date.parse(at),
  at: points.map((point) => Date.parse(point.at)),
  total: points.map(({ import_w }) => import_w),
  building: points.map(({ building_w }) => building_w),
  limit: points.map(({ limit_w }) => limit_w),
})

function Pointed({ point, times }: { point: TrendPoint | undefined; times: DepotTime }) {
  return point ? (
    <span>
      {times.seconds(point.at)} <b>{kilowatts(point.import_w)} kW</b>
    </span>
  ) : (
    <span>kW</span>
  )
}

interface TrendPanelProps {
  readonly view: SiteView
  readonly times: DepotTime
  readonly lost: boolean
}

/** The last quarter of an hour against the limit. */
export function TrendPanel({ view, times, lost }: TrendPanelProps) {
  const trend = useTrend(view, lost)
  const [point, setPoint] = useState<number | null>(null)
  const drawn = useMemo(() => trend && columns(trend), [trend])
  const clock = useCallback((ms: number) => times.clock(new Date(ms).toISOString()), [times])
  return (
    <div className="trend">
      <h3 className="small-heading">
        Last {Math.round((trend?.window_s ?? 900) / 60)} minutes
        <Pointed point={point === null ? undefined : trend?.points[point]} times={times} />
      </h3>
      {drawn && trend ? (
        <TrendChart
          trend={drawn}
          label={describeTrend(trend)}
          clock={clock}
          stale={lost}
          onPoint={setPoint}
        />
      ) : (
        <p className="trend-plot empty">No trend yet</p>
      )}
    </div>
  )
}
