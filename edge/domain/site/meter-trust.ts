import { between, type Duration, type Monotonic, seconds } from '@busbar/units/time.ts'
import type { MeterQuality } from '../facts.ts'
import type { MeterFailure, MeterReading } from '../inputs.ts'

/** Ages at which a meter's word is worth less. @see metering.md 7 staleness ladder */
export const LADDER = {
  hold: seconds(5),
  reserve: seconds(10),
  static: seconds(60),
  goodToRecover: 5,
} as const

/** What we know of one meter. Starts in reserve: a restart knows nothing. */
export interface MeterTrust {
  readonly reading: MeterReading | null
  /** Good readings in a row since the last gap. */
  readonly good: number
  /** True until enough good readings came in a row. */
  readonly recovering: boolean
  readonly failure: MeterFailure | null
}

export const unheard: MeterTrust = { reading: null, good: 0, recovering: true, failure: null }

/** Takes in a reading. A gap since the last one restarts the count towards recovery. */
export function heard(trust: MeterTrust, reading: MeterReading, poll: Duration): MeterTrust {
  const gap =
    trust.reading !== null &&
    between(trust.reading.measuredAtMonotonic, reading.measuredAtMonotonic) > holdAge(poll)
  const good = gap ? 1 : trust.good + 1
  const recovering = (trust.recovering || gap) && good < LADDER.goodToRecover
  return { reading, good, recovering, failure: null }
}

/** Takes in a failed read; the last reading's age runs on. */
export const missed = (trust: MeterTrust, failure: MeterFailure): MeterTrust => ({ ...trust, failure })

/** Where on the ladder the meter stands. */
export function meterQuality(trust: MeterTrust, now: Monotonic, poll: Duration): MeterQuality {
  if (trust.reading === null) return 'reserve'
  const age = between(trust.reading.measuredAtMonotonic, now)
  if (age > LADDER.static) return 'static'
  if (age > LADDER.reserve) return 'reserve'
  if (age > holdAge(poll)) return 'hold'
  return trust.recovering ? 'hold' : 'live'
}

/** Two missed polls, five seconds at the latest; a tenth of a second of grace for the reply's own way. */
const holdAge = (poll: Duration): Duration => Math.min(LADDER.hold, Math.max(2 * poll + 100, 500)) as Duration
