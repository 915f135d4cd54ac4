/** What a piece of a bar stands for. `measured`: known as a whole, its parts unknown. */
export type BarPart = 'building' | 'vehicles' | 'measured' | 'held'

/** One piece, in the bar's unit. */
export interface BarPiece {
  readonly part: BarPart
  readonly value: number
}

interface PowerBarProps {
  readonly pieces: readonly BarPiece[]
  readonly limit: number
  /** Said instead of the bar. */
  readonly label: string
  readonly className: string
  /** Share of the bar's length at which the limit stands while nothing is beyond it. */
  readonly limitAt?: number
}

const share = (value: number, full: number): string => `${(Math.max(0, value) / full) * 100}%`

/** Loads in a row against their limit. An overload reaches past the mark; the scale then grows with it. */
export function PowerBar({ pieces, limit, label, className, limitAt = 0.88 }: PowerBarProps) {
  const total = pieces.reduce((sum, { value }) => sum + Math.max(0, value), 0)
  const full = Math.max(limit / limitAt, total, 1e-6)
  return (
    <div className={`bar ${className}`} role="img" aria-label={label}>
      <div className="bar-fill">
        {pieces.map(({ part, value }) => (
          <i key={part} className={`part-${part}`} style={{ width: share(value, full) }} />
        ))}
      </div>
      {limitAt < 1 || total > limit ? (
        <span className="bar-limit" style={{ left: share(limit, full) }} />
      ) : null}
    </div>
  )
}
