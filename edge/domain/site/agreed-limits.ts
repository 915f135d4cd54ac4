import type { Duration, Instant } from '@busbar/units/time.ts'
import type { AgreedLimit, Hours } from './site.ts'

const MINUTE = 60_000
const DAY = 24 * 60
/** 1 January 1970 was a Thursday; days count from Monday. */
const FIRST_DAY = 3

/**
 * The limits that hold at a moment of local time.
 * @param local wall time and what the site's zone adds to it; null while the clock is not to be trusted: then every limit
 *   holds, whatever its hours
 */
export function activeLimits(
  limits: readonly AgreedLimit[],
  local: { readonly at: Instant; readonly utcOffset: Duration } | null,
): readonly AgreedLimit[] {
  if (local === null) return limits
  const minutes = Math.floor((local.at + local.utcOffset) / MINUTE)
  const day = (Math.floor(minutes / DAY) + FIRST_DAY) % 7
  const minute = ((minutes % DAY) + DAY) % DAY
  return limits.filter(({ hours }) => hours === undefined || holds(hours, { day, minute }))
}

/** Begun today and not over, or begun yesterday and running over midnight. */
function holds({ from, to, days }: Hours, { day, minute }: { day: number; minute: number }): boolean {
  const overnight = to <= from
  const today = days.includes(day) && minute >= from && (overnight || minute < to)
  return today || (overnight && days.includes((day + 6) % 7) && minute < to)
}
