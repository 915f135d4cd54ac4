import { PHASES } from '@busbar/units/per-phase.ts'
import { between } from '@busbar/units/time.ts'
import type { MeterReading } from '../../inputs.ts'
import { LADDER } from '../meter-trust.ts'
import type { MeterRating } from './rating.ts'

/** A fall by more than this share of the rating from one sample to the next needs a second that says so too. */
const SHARE = 0.5

/**
 * Why a reading may not raise a budget yet, or null. Only falls are doubted: what a rise takes away it takes at once.
 * @param before the reading before, doubted or not: one that repeats a fall confirms it
 * @see metering.md 8, rate of change
 */
export function doubtfulFall(
  before: MeterReading | null,
  now: MeterReading,
  rating: MeterRating,
): string | null {
  if (before === null || between(before.measuredAtMonotonic, now.measuredAtMonotonic) > LADDER.hold)
    return null
  const fall = fallOf(before.powerW, now.powerW)
  if (fall > SHARE * rating.powerW)
    return `power fell by ${(fall / 1000).toFixed(1)} kW from one sample to the next`
  for (const phase of PHASES) {
    const less = fallOf(magnitude(before.currentA?.[phase]), magnitude(now.currentA?.[phase]))
    if (less > SHARE * rating.currentA[phase])
      return `current ${phase.toUpperCase()} fell by ${less.toFixed(0)} A from one sample to the next`
  }
  return null
}

const magnitude = (value: number | undefined) => (value === undefined ? undefined : Math.abs(value))
const fallOf = (before: number | undefined, now: number | undefined): number =>
  before === undefined || now === undefined ? 0 : before - now
