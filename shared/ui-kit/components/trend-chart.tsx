import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import { trendOptions } from './trend-options.ts'

/** Columns of a trend; times in ms since 1970, loads in W, null where nothing was measured. */
export interface Trend {
  readonly from: number
  readonly to: number
  readonly at: readonly number[]
  readonly total: readonly (number | null)[]
  readonly building: readonly (number | null)[]
  readonly limit: readonly number[]
}

interface TrendChartProps {
  readonly trend: Trend
  /** Says in words what the chart shows. */
  readonly label: string
  readonly clock: (ms: number) => string
  readonly stale: boolean
  /** Told the point under the pointer, null when there is none. */
  readonly onPoint: (index: number | null) => void
}

const columns = ({ at, total, building, limit }: Trend): uPlot.AlignedData => [
  at.map((ms) => ms / 1000),
  [...total],
  [...building],
  [...limit],
]

function useScheme(): boolean {
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)')
    const changed = () => setDark(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [])
  return dark
}

/** Load over time against its limit, on a canvas drawn from the tokens. */
export function TrendChart({ trend, label, clock, stale, onPoint }: TrendChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(trend)
  const dark = useScheme()
  latest.current = trend

  // biome-ignore lint/correctness/useExhaustiveDependencies: theme and staleness change the colours, so the plot is built anew
  useEffect(() => {
    const element = place.current
    if (!element) return
    const chart = new uPlot(
      trendOptions({ element, latest, clock, onPoint }),
      columns(latest.current),
      element,
    )
    plot.current = chart
    const watch = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth, height: element.clientHeight }),
    )
    watch.observe(element)
    return () => {
      watch.disconnect()
      chart.destroy()
    }
  }, [dark, stale, clock, onPoint])

  useEffect(() => plot.current?.setData(columns(trend)), [trend])

  return <div className="trend-plot" ref={place} role="img" aria-label={label} />
}
