import type { MeterId } from '@busbar/model/ids.ts'
import type { Amps, Volts, Watts } from '@busbar/units/electricity.ts'
import type { PerPhase, Phase } from '@busbar/units/per-phase.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { MeterProfile, PointName } from '../../profiles/meter-profile.ts'
import type { Endpoint } from './endpoint.ts'

/** A meter as it is installed. */
export interface MeterSource {
  readonly id: MeterId
  readonly profile: MeterProfile
  readonly endpoint: Endpoint
  readonly unit: number
  readonly poll: Duration
  /** Guards the grid connection: it goes before all others on its line. */
  readonly first?: boolean
  /** Nominal phase voltage and the ratings that no true reading exceeds twice. */
  readonly plausible: { readonly nominalV: Volts; readonly maxA: Amps; readonly maxW: Watts }
  /** Wired the other way round: turns power and current, swaps the counters. */
  readonly invert: boolean
  /** Longest wait for a reply where the profile's does not suit, such as on a clock that runs fast. */
  readonly deadline?: Duration
  /** The meter's own phases to the site's conductors. */
  readonly phaseMap?: PerPhase<Phase>
  /** What the site knows better than the profile. */
  readonly override?: {
    readonly addressOffset?: number
    readonly wordOrder?: 'high-first' | 'low-first'
    /** Registers a request may ask for. */
    readonly maxRead?: number
    /** Primary to secondary, where the meter does not know its transformers. */
    readonly ctRatio?: number
    readonly vtRatio?: number
    /** Raw times scale is the value, by point. */
    readonly scale?: Partial<Record<PointName, number>>
  }
  /** One of the profile's models, where what it says of itself depends on it. */
  readonly model?: string
  /** What the profile's pinned register must hold; otherwise what it held first. */
  readonly serial?: string
  /** Which of several equal SunSpec models, from 1. */
  readonly sunspecInstance?: number
}
