import type { MeterId } from '@busbar/model/ids.ts'
import type { Amps, Volts, Watts } from '@busbar/units/electricity.ts'
import type { PerPhase, Phase } from '@busbar/units/per-phase.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { MeterProfile } from '../../profiles/meter-profile.ts'

/** A meter as it is installed. */
export interface MeterSource {
  readonly id: MeterId
  readonly profile: MeterProfile
  readonly endpoint: { readonly host: string; readonly port: number; readonly unit: number }
  readonly poll: Duration
  /** Nominal phase voltage and the ratings that no true reading exceeds twice. */
  readonly plausible: { readonly nominalV: Volts; readonly maxA: Amps; readonly maxW: Watts }
  /** Wired the other way round: turns power and current, swaps the counters. */
  readonly invert: boolean
  /** Longest wait for a reply where the profile's does not suit, such as on a clock that runs fast. */
  readonly deadline?: Duration
  /** The meter's own phases to the site's conductors. */
  readonly phaseMap?: PerPhase<Phase>
}
