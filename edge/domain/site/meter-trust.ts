import type { MeterId } from '@busbar/model/ids.ts'
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
  /** When we began to listen. */
  readonly since: Monotonic
  readonly reading: MeterReading | null
  /** Good readings in a row since the last gap. */
  readonly good: number
  /** True until enough good readings came in a row. */
  readonly recovering: boolean
  readonly failure: MeterFailure | null
  /** Why its word may be shown and drive no limit: not self-tested, or contradicted. It counts as silent then. */
  readonly unproven?: string | null
  /** What a virtual meter follows from: it is never worth more than the worst of them. */
  readonly parts?: readonly MeterPart[]
}

/** An input of a virtual meter as it stands. */
export interface MeterPart {
  readonly meter: MeterId
  readonly trust: MeterTrust
  readonly poll: Duration
}

/** A meter that has told nothing yet. */
export const unheard = (since: Monotonic): MeterTrust => ({
  since,
  reading: null,
  good: 0,
  recovering: true,
  failure: null,
})

/** Takes in a reading. A gap since the last one restarts the count towards recovery. */
export function heard(trust: MeterTrust, reading: MeterReading, poll: Duration): MeterTrust {
  const gap =
    trust.reading !== null &&
    between(trust.reading.measuredAtMonotonic, reading.measuredAtMonotonic) > holdAge(poll)
  const good = gap ? 1 : trust.good + 1
  const recovering = (trust.recovering || gap) && good < LADDER.goodToRecover
  return { ...trust, reading, good, recovering, failure: null }
}

/** Takes in a failed read: the last reading's age runs on, and recovery begins anew. */
export const missed = (trust: MeterTrust, failure: MeterFailure): MeterTrust => ({
  ...trust,
  good: 0,
  failure,
})

/**
 * Takes in a reading that cannot stand: it is dropped, and recovery begins anew at once.
 * @param since the last reading that was true, where those after it only repeated it
 */
export const suspected = (trust: MeterTrust, failure: MeterFailure, since?: MeterReading): MeterTrust => ({
  ...trust,
  ...(since && { reading: since }),
  good: 0,
  recovering: true,
  failure,
})

/** Where on the ladder the meter stands. */
export function meterQuality(trust: MeterTrust, now: Monotonic, poll: Duration): MeterQuality {
  const parts = trust.parts?.map((part) => meterQuality(part.trust, now, part.poll)) ?? []
  return [ownQuality(trust, now, poll), ...parts].reduce(worse)
}

function ownQuality(trust: MeterTrust, now: Monotonic, poll: Duration): MeterQuality {
  if (trust.reading === null) return between(trust.since, now) > LADDER.static ? 'static' : 'reserve'
  const aged = qualityAtAge(between(trust.reading.measuredAtMonotonic, now), poll)
  const quality = aged === 'live' && trust.recovering ? 'hold' : aged
  return trust.unproven == null ? quality : worse(quality, 'reserve')
}

const DOWN: readonly MeterQuality[] = ['live', 'hold', 'reserve', 'static']
const worse = (a: MeterQuality, b: MeterQuality): MeterQuality => (DOWN.indexOf(a) < DOWN.indexOf(b) ? b : a)

/** What a value of this age is worth; each quantity of a meter ages for itself. */
export function qualityAtAge(age: Duration, poll: Duration): MeterQuality {
  if (age > LADDER.static) return 'static'
  if (age > LADDER.reserve) return 'reserve'
  return age > holdAge(poll) ? 'hold' : 'live'
}

/** Two missed polls, five seconds at the latest; a tenth of a second of grace for the reply's own way. */
const holdAge = (poll: Duration): Duration => Math.min(LADDER.hold, Math.max(2 * poll + 100, 500)) as Duration
