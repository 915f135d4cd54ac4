import type { PerPhase } from '@busbar/units/per-phase.ts'
import type { Duration } from '@busbar/units/time.ts'

/** What a meter's circuit carries at most and how often the meter reads: the measure of everything it says. */
export interface MeterRating {
  readonly nominalV: number
  readonly currentA: PerPhase<number>
  /** W over all conductors at nominal voltage. */
  readonly powerW: number
  readonly poll: Duration
}
