import type uPlot from 'uplot'
import { tokenColour, translucent } from './token-colours.ts'
import type { Trend } from './trend-chart.tsx'

interface TrendSetting {
  readonly element: HTMLElement
  readonly latest: { readonly current: Trend }
  readonly clock: (ms: number) => string
  readonly onPoint: (index: number | null) => void
}

const kilo = (watts: number): string => `${Math.round(watts / 1000)}`

function series(colour: (token: string) => string): uPlot.Series[] {
  const copper = colour('--copper')
  const building = colour('--building')
  return [
    {},
    { stroke: copper, width: 1.75, fill: translucent(copper, 0.16), points: { show: false } },
    {
      stroke: translucent(building, 0.75),
      width: 1,
      fill: translucent(building, 0.26),
      points: { show: false },
    },
    { stroke: translucent(colour('--text'), 0.65), width: 1, dash: [4, 4], points: { show: false } },
  ]
}

function axes({ clock }: TrendSetting, colour: (token: string) => string, rem: number): uPlot.Axis[] {
  const font = `${rem * 0.6875}px ${getComputedStyle(document.body).fontFamily}`
  const shared = { font, stroke: colour('--muted'), ticks: { show: false } }
  return [
    {
      ...shared,
      size: rem * 1.25,
      gap: 5,
      grid: { show: false },
      space: rem * 5,
      incrs: [60, 120, 300, 600, 900, 1800],
      values: (_, splits) => splits.map((second) => clock(second * 1000)),
    },
    {
      ...shared,
      size: rem * 2.25,
      gap: 6,
      space: rem * 2,
      grid: { stroke: colour('--line'), width: 1 },
      values: (_, splits) => splits.map(kilo),
    },
  ]
}

/** How the trend is drawn: colours, scales and type from the tokens as they are on `element`. */
export function trendOptions(setting: TrendSetting): uPlot.Options {
  const { element, latest, onPoint } = setting
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const colour = (token: string) => tokenColour(element, token)
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    padding: [rem * 0.5, rem * 0.25, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: rem * 0.4375 } },
    series: series(colour),
    axes: axes(setting, colour, rem),
    scales: {
      x: { time: false, range: () => [latest.current.from / 1000, latest.current.to / 1000] },
      y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(1000, (high ?? 0) * 1.08)] },
    },
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  }
}
