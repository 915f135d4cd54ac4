import { sumPhases } from '@busbar/units/per-phase.ts'
import { type Duration, seconds } from '@busbar/units/time.ts'
import { voltageAt } from '../domain/site/feeding.ts'
import type { Site } from '../domain/site/site.ts'

/** What may be believed of one meter's values. */
interface MeterLimits {
  readonly standsMs: Duration
  readonly maxW: number
}

/** At least so long a meter's value stands; its registers are read each tenth time. */
const STANDS = seconds(15)
const POLLS = 12

/** For each meter, how long a value stands and what its circuit can carry. */
export function seriesLimits(site: Site): Readonly<Record<string, MeterLimits>> {
  return Object.fromEntries(
    [...site.meters.values()].map(({ id, circuit, poll }) => {
      const rating = site.circuits.get(circuit)?.ratingA
      const maxW =
        rating === undefined ? Number.POSITIVE_INFINITY : sumPhases(rating) * voltageAt(site, circuit)
      return [`meter:${id}`, { standsMs: Math.max(STANDS, POLLS * poll) as Duration, maxW }]
    }),
  )
}
