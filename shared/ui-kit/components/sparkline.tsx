interface SparklineProps {
  /** Null breaks the line. */
  readonly values: readonly (number | null)[]
  readonly limit: number
  readonly label: string
}

const WIDTH = 96
const HEIGHT = 26

type Run = readonly (readonly [x: number, y: number])[]

/** The stretches of a line in which every value is known, as points of the drawing. */
export function knownRuns(values: readonly (number | null)[], full: number): Run[] {
  const step = values.length > 1 ? WIDTH / (values.length - 1) : 0
  const runs: [number, number][][] = [[]]
  values.forEach((value, i) => {
    if (value === null) runs.push([])
    else runs.at(-1)?.push([i * step, HEIGHT - 1 - (Math.max(0, value) / full) * (HEIGHT - 4)])
  })
  return runs.filter((run) => run.length > 0)
}

const linePath = (run: Run): string => `M${run.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`
const areaPath = (run: Run): string => `${linePath(run)}V${HEIGHT}H${(run[0]?.[0] ?? 0).toFixed(1)}Z`

/** A small line against a dashed limit. */
export function Sparkline({ values, limit, label }: SparklineProps) {
  const full = Math.max(limit, 1, ...values.map((value) => value ?? 0))
  const limitY = HEIGHT - 1 - (limit / full) * (HEIGHT - 4)
  const runs = knownRuns(values, full)
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={runs.map(areaPath).join('')} fill="var(--copper)" opacity="0.14" />
      <path d={`M0 ${limitY}H${WIDTH}`} stroke="var(--text)" opacity="0.4" strokeDasharray="3 3" />
      <path
        d={runs.map(linePath).join('')}
        fill="none"
        stroke="var(--copper)"
        strokeWidth="1.7"
        strokeLinejoin="round"
      />
    </svg>
  )
}
