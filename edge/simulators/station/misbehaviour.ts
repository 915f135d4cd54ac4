import type { Transfers } from './services/maintenance.ts'
import type { Payload } from './uplink.ts'

/** What a station does wrong, as real ones do; each can be switched while it runs. */
export interface Misbehaviour {
  /** Draws up to its rating whatever the profiles say. */
  readonly ignoresLimits: boolean
  /** Answers `Rejected` to profiles of running transactions, or to all. */
  readonly rejectsProfiles: 'none' | 'transaction' | 'all'
  /** Has no profile left after every reconnect. */
  readonly losesProfiles: boolean
  /** Answers GetCompositeSchedule with `Rejected`. */
  readonly rejectsComposite: boolean
  /** While the CSMS is out of reach: obeys its profiles, keeps its last limit, draws all it can, or nothing. */
  readonly alone: 'profiles' | 'keeps' | 'full' | 'zero'
  /** Limits of transactions never run out. */
  readonly ignoresDurations: boolean
  /** Rounds limits down to steps of so much, A or W as its rating is; 0 does not. */
  readonly roundsTo: number
  /** Its transaction survives a reboot, and goes on. */
  readonly keepsTransaction: boolean
  /** Tells each start a second time, in a message of its own. */
  readonly startsTwice: boolean
  /** Never tells that a transaction is over. */
  readonly losesStops: boolean
  /** Tells a start only after the stop of the same transaction. */
  readonly stopsFirst: boolean
  /** Its clock less the true time, ms; `epoch` starts at 1970. */
  readonly clock: number | 'epoch'
  /** `missing` leaves the state of charge out; `jumps` tells nonsense every third time. */
  readonly soc: 'sound' | 'missing' | 'jumps'
  /** Whether logs get through. */
  readonly uploads: Transfers['uploads']
  /** Where an update of its firmware ends. */
  readonly firmware: Transfers['firmware']
}

export const SOUND: Misbehaviour = {
  ignoresLimits: false,
  rejectsProfiles: 'none',
  losesProfiles: false,
  rejectsComposite: false,
  alone: 'profiles',
  ignoresDurations: false,
  roundsTo: 0,
  keepsTransaction: false,
  startsTwice: false,
  losesStops: false,
  stopsFirst: false,
  clock: 0,
  soc: 'sound',
  uploads: 'sound',
  firmware: 'sound',
}

/** A message as a station with a wrong clock stamps it. */
export function stamped(payload: Payload, clock: Misbehaviour['clock'], bootedAt: number): Payload {
  if (clock === 0) return payload
  const offset = clock === 'epoch' ? -bootedAt : clock
  const shift = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shift)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === 'timestamp' && typeof inner === 'string'
          ? new Date(Date.parse(inner) + offset).toISOString()
          : shift(inner),
      ]),
    )
  }
  return shift(payload) as Payload
}

/** The state of charge as the station tells it, `nth` time; null is left out. */
export function toldSoc(soc: number | null, how: Misbehaviour['soc'], nth: number): number | null {
  if (how === 'missing') return null
  return how === 'jumps' && soc !== null && nth % 3 === 0 ? (soc + 50) % 100 : soc
}
