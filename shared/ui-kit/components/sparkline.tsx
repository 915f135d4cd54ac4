interface SparklineProps {
  /** Null breaks the line. */
  readonly values: readonly (number | null)[]
  readonly limit: number
  readonly label: string
}

const WIDTH = 96
const HEIGHT = 26

/** The path of a line through what is known. */
export function sparkPath(values: readonly (number | null)[], full: number): string {
  const step = values.length > 1 ? WIDTH / (values.length - 1) : 0
  let pen = 'M'
  const parts: string[] = []
  values.forEach((value, i) => {
    if (value === null) {
      pen = 'M'
      return
    }
    const y = HEIGHT - 1 - (Math.max(0, value) / full) * (HEIGHT - 4)
    parts.push(`${pen}${(i * step).toFixed(1)} ${y.toFixed(1)}`)
    pen = 'L'
  })
  return parts.join('')
}

/** A small line against a dashed limit. */
export function Sparkline({ values, limit, label }: SparklineProps) {
  const full = Math.max(limit, 1, ...values.map((value) => value ?? 0))
  const limitY = HEIGHT - 1 - (limit / full) * (HEIGHT - 4)
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <path d={`M0 ${limitY}H${WIDTH}`} stroke="var(--text)" opacity="0.4" strokeDasharray="3 3" />
      <path d={sparkPath(values, full)} fill="none" stroke="var(--copper)" strokeWidth="1.7" strokeLinejoin="round" />
    </svg>
  )
}
