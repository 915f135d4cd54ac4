import { type Duration, type Monotonic, seconds } from '@busbar/units/time.ts'

/** How long a fall of the base load is distrusted; rises count at once. */
export const BASE_WINDOW: Duration = seconds(30)

/** What is not EVSEs on one row, mA or W, as far as the meter and the stations' reports tell. */
export interface BaseLoad {
  readonly estimate: number
  readonly recent: readonly { readonly at: Monotonic; readonly value: number }[]
}

/** What the EVSEs below the meter may have drawn at its sample: from `low` to `high`, mA or W. */
export interface DrawBounds {
  readonly low: number
  readonly high: number
}

/**
 * Takes in one meter sample. Station reports lag the meter, so base = measured − drawn is only known to lie between
 * measured − high and measured − low. The last estimate stands while it lies in there; a sample that leaves it moves it
 * just so far. That is safe: while measured ≤ estimate + everything EVSEs may draw, the row is not over its limit, and
 * the moment it is more, `measured − high` lifts the estimate.
 */
export function nextBase(
  base: BaseLoad | undefined,
  sample: { measured: number; draw: DrawBounds; at: Monotonic },
): BaseLoad {
  const { measured, draw, at } = sample
  const low = measured - draw.high
  const high = measured - draw.low
  const estimate = base === undefined ? high : Math.min(high, Math.max(low, base.estimate))
  const fresh = (base?.recent ?? []).filter((entry) => at - entry.at <= BASE_WINDOW && entry.value > estimate)
  return { estimate, recent: [...fresh, { at, value: estimate }] }
}

/** The highest estimate of the window; below 0 while more is given out than taken in. */
export const signedBase = (base: BaseLoad): number =>
  Math.ceil(base.recent.reduce((most, entry) => Math.max(most, entry.value), base.estimate)) + 0

/** The base load to count: the highest estimate of the window. Export of other loads never adds room on a conductor. */
export const countedBase = (base: BaseLoad): number => Math.max(0, signedBase(base))
