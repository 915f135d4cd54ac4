import { between, minutes } from '@busbar/units/time.ts'
import type { MeterReading } from '../domain/inputs.ts'
import type { VoltageBounds } from '../domain/load-balancing/rows.ts'
import type { Depot } from './depot.ts'

/** Voltages are believed for a minute. */
const WINDOW = minutes(1)
/** Whole steps, so that a volt of noise moves no limit. */
const STEP_V = 2
/** Supply tolerance where nothing is measured. @see EN 50160 */
const TOLERANCE = 0.1

export function noteVoltage(depot: Depot, reading: MeterReading): void {
  const values = Object.values(reading.voltageV ?? {}).filter((value) => value > 0)
  if (values.length === 0) return
  depot.voltages.push({
    at: reading.measuredAtMonotonic,
    high: Math.max(...values),
    low: Math.min(...values),
  })
  while (
    depot.voltages[0] !== undefined &&
    between(depot.voltages[0].at, reading.measuredAtMonotonic) > WINDOW
  )
    depot.voltages.shift()
}

/** The voltages to compute rows with: measured ones of the last minute, else the tolerance band of the nominal. */
export function voltageBounds(depot: Depot): VoltageBounds {
  const fresh = depot.voltages.filter((seen) => between(seen.at, depot.monotonic) <= WINDOW)
  const nominal = depot.setup.site.nominalV
  if (fresh.length === 0) return { highV: nominal * (1 + TOLERANCE), lowV: nominal * (1 - TOLERANCE) }
  return {
    highV: Math.ceil(Math.max(...fresh.map((seen) => seen.high)) / STEP_V) * STEP_V,
    lowV: Math.floor(Math.min(...fresh.map((seen) => seen.low)) / STEP_V) * STEP_V,
  }
}
