import type { Instant } from '@busbar/units/time.ts'
import {
  type InstalledProfile,
  limitsAt,
  type ProfileLimit,
  type RunningTransaction,
} from './profile-limits.ts'

/** What the station itself can give: A per phase (AC) or W of DC output. */
export interface Rating {
  readonly kind: 'ac' | 'dc'
  readonly value: number
  readonly phases: 1 | 3
}

/** What the station offers the vehicle, in the unit of its rating. */
export interface OfferedLimit {
  readonly value: number
  /** The profile that sets it, or the rating. */
  readonly by: { readonly profileId: number; readonly purpose: string } | 'rating'
}

const NOMINAL_V = 230

/** The smallest of rating, transaction limit and station maximum. */
export function offeredLimit(
  rating: Rating,
  installed: readonly InstalledProfile[],
  at: Instant,
  transaction: RunningTransaction | null,
): OfferedLimit {
  const { transaction: own, station } = limitsAt(installed, at, transaction)
  let offered: OfferedLimit = { value: rating.value, by: 'rating' }
  for (const limit of [own, station]) {
    if (!limit) continue
    const value = inUnitOf(rating, limit)
    if (value <= offered.value)
      offered = { value, by: { profileId: limit.profileId, purpose: limit.purpose } }
  }
  return offered
}

/** A limit in the rating's unit: watts are spread over the phases at nominal voltage. */
function inUnitOf(rating: Rating, limit: ProfileLimit): number {
  const phases = Math.min(rating.phases, limit.phases ?? rating.phases)
  if (rating.kind === 'ac') return limit.unit === 'A' ? limit.value : limit.value / (NOMINAL_V * phases)
  return limit.unit === 'W' ? limit.value : limit.value * NOMINAL_V * phases
}

/** A value in the rating's unit, expressed in `unit`. */
export function expressed(rating: Rating, value: number, unit: 'A' | 'W'): number {
  const watts = NOMINAL_V * rating.phases
  if (rating.kind === 'ac') return unit === 'A' ? value : value * watts
  return unit === 'W' ? value : value / watts
}

export const ownUnit = (rating: Rating): 'A' | 'W' => (rating.kind === 'ac' ? 'A' : 'W')
