import { between, type Instant, type Monotonic, seconds } from '@busbar/units/time.ts'
import type { LimitLedger, StandingLimit } from '../charging/limit-ledger.ts'
import type { StationCapabilities } from '../inputs.ts'
import type { Evse } from '../site/site.ts'
import { kept, type Observation } from './observation.ts'
import { type Level, levelOf } from './rows.ts'

/** How far a station's clock may be off when its lease ends. */
export const LEASE_MARGIN = seconds(10)

/** What can be said of an EVSE's use, for counting what it may draw. */
export interface EvseUse {
  readonly evse: Evse
  readonly ledger: LimitLedger
  readonly observation: Observation
  readonly capabilities: StationCapabilities
  /** A transaction runs, or we cannot exclude one. */
  readonly inUse: boolean
  /** Room is reserved for a start that we authorised. */
  readonly reserved: boolean
  /** Flagged as not obeying: its rating counts. */
  readonly disobeying: boolean
}

/** A limit that cannot be in force any more because the model provably drops it when its lease ends. */
export const lapsed = (entry: StandingLimit, use: Pick<EvseUse, 'capabilities'>, now: Instant): boolean =>
  use.capabilities.offline === 'fallback' &&
  entry.leaseUntil !== null &&
  between(entry.leaseUntil, now) > LEASE_MARGIN

/** What the EVSE draws at most when it follows its default: the largest default it may hold, or its rating if none is proven. */
export function fallbackLevel(use: Pick<EvseUse, 'ledger' | 'evse'>): Level {
  const proven = use.ledger.defaults.some((entry) => entry.answer === 'accepted')
  const most = Math.max(...use.ledger.defaults.map((entry) => levelOf(entry.limit)), 0)
  return proven ? most : levelOf(use.evse.rating)
}

/**
 * The most an EVSE may draw, now or without another message from us:
 * max(limits in force, limits in flight, fallback, draw seen above them), never above its hardware rating unless it
 * was seen there. An idle EVSE that cannot start without us counts 0 until we reserve room for it.
 */
export function holdLevel(use: EvseUse, at: { now: Instant; monotonic: Monotonic }): Level {
  const rating = levelOf(use.evse.rating)
  const drawn = kept(use.observation, at.monotonic)
  if (use.disobeying) return Math.max(rating, drawn)
  const idle = !use.inUse && !use.reserved && !use.capabilities.startsAlone
  if (idle) return drawn
  const standing = use.inUse ? use.ledger.standing.filter((entry) => !lapsed(entry, use, at.now)) : []
  return Math.max(...standing.map((entry) => levelOf(entry.limit)), fallbackLevel(use), drawn)
}
