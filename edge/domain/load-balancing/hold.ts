import { between, type Duration, type Monotonic, seconds } from '@busbar/units/time.ts'
import type { LimitLedger, StandingLimit } from '../charging/limit-ledger.ts'
import type { StationCapabilities } from '../inputs.ts'
import type { Evse } from '../site/site.ts'
import { kept, type Observation } from './observation.ts'
import { type Level, levelOf } from './rows.ts'

/**
 * How far a station's clock may be behind when its lease ends: schedules start a minute in the past for such stations, so
 * one that is behind by that runs them at once, and drops them that much after what we count. The rest is for answers.
 */
export const LEASE_MARGIN = seconds(70)

/** The times of one limit on the clock that never jumps; wall time cannot tell how long ago something was. */
export interface LimitTimes {
  readonly sentAt: Monotonic
  /** Null while its answer is awaited. */
  readonly answeredAt: Monotonic | null
  /** How long after receiving it the station drops it; null for a default. */
  readonly lease: Duration | null
}

/** What can be said of an EVSE's use, for counting what it may draw. */
export interface EvseUse {
  readonly evse: Evse
  readonly ledger: LimitLedger
  /** By request. A limit that is missing here never lapses. */
  readonly times: ReadonlyMap<number, LimitTimes>
  readonly observation: Observation
  readonly capabilities: StationCapabilities
  readonly inContact: boolean
  /** A transaction runs, or we cannot exclude one. */
  readonly inUse: boolean
  /** Room is reserved for a start that we authorised. */
  readonly reserved: boolean
  /** Flagged as not obeying: its rating counts. */
  readonly disobeying: boolean
  /** What a request sent past the balancer may have raised it to; absent when none is in doubt. */
  readonly doubted?: Level
}

/** When the station surely drops the limit by itself, counted from its answer; null while that is open. */
export function leaseEnd(entry: StandingLimit, use: Pick<EvseUse, 'times'>): Monotonic | null {
  const times = use.times.get(entry.request)
  if (times === undefined || times.answeredAt === null || times.lease === null) return null
  return (times.answeredAt + times.lease) as Monotonic
}

/** A limit that cannot be in force any more because the model provably drops it when its lease ends. */
export function lapsed(
  entry: StandingLimit,
  use: Pick<EvseUse, 'capabilities' | 'times'>,
  now: Monotonic,
): boolean {
  const end = leaseEnd(entry, use)
  return use.capabilities.offline === 'fallback' && end !== null && between(end, now) > LEASE_MARGIN
}

/** No limit bounds the model for certain, or it goes to full power by itself. */
const unboundAlone = ({ capabilities }: Pick<EvseUse, 'capabilities'>): boolean =>
  capabilities.unbounded === true || capabilities.offline === 'full'

/**
 * What counts for an EVSE in use whatever limit it is given: what a request past the balancer may have raised it to, and
 * its rating where no limit surely bounds the model. 0 when its limits are what counts. Never above its hold.
 */
export function countedAnyway(use: Pick<EvseUse, 'doubted' | 'evse' | 'capabilities'>): Level {
  const unlimited = use.capabilities.smartCharging === 'none' || unboundAlone(use)
  return Math.max(use.doubted ?? 0, unlimited ? levelOf(use.evse.rating) : 0)
}

/**
 * What the EVSE draws at most when it hears nothing: the largest default it may hold; its rating where no default is
 * proven, where no limit bounds the model or it goes to full power, or where nobody knows what it does and we have lost it.
 */
export function fallbackLevel(use: Pick<EvseUse, 'ledger' | 'evse' | 'capabilities' | 'inContact'>): Level {
  const unbound = unboundAlone(use) || (use.capabilities.offline === 'unknown' && !use.inContact)
  if (unbound || !use.ledger.defaultProven) return levelOf(use.evse.rating)
  const own = use.evse.current === 'ac' ? (use.capabilities.fallbackA ?? 0) * 1000 : 0
  return Math.max(...use.ledger.defaults.map((entry) => levelOf(entry.limit)), own)
}

/** The largest limit of a transaction that may still be in force; 0 when there is none. */
export const standingLevel = (use: EvseUse, now: Monotonic): Level =>
  use.inUse
    ? use.ledger.standing.reduce(
        (most, entry) => (lapsed(entry, use, now) ? most : Math.max(most, levelOf(entry.limit))),
        0,
      )
    : 0

/**
 * The most an EVSE may draw, now or without another message from us:
 * max(limits in force, limits in flight, fallback, draw seen above them). An idle EVSE that cannot start without us
 * counts 0 until we reserve room for it.
 */
export function holdLevel(use: EvseUse, now: Monotonic): Level {
  const drawn = Math.max(kept(use.observation, now), use.doubted ?? 0)
  const unlimited = use.disobeying || use.capabilities.smartCharging === 'none'
  if (unlimited) return Math.max(levelOf(use.evse.rating), drawn)
  if (!use.inUse && !use.reserved && !use.capabilities.startsAlone) return drawn
  return Math.max(standingLevel(use, now), fallbackLevel(use), drawn)
}
