import type { CircuitId, EvseKey } from '@busbar/model/ids.ts'
import { hours, type Instant, minutes } from '@busbar/units/time.ts'
import type { ChargingLimit } from '../../limit.ts'

/** What a priority is given to; a departure's goes before its vehicle's, a vehicle's before its group's. */
export type PriorityScope = 'vehicle' | 'group' | 'departure'

/** What a person asks of the balancer. Each replaces the one that stands for the same thing. */
export type ManualAct =
  | {
      readonly kind: 'override'
      readonly evse: EvseKey
      readonly how: 'charge' | 'pause'
      /** The most it is to get while it charges first; null is all that it can take. */
      readonly limit: ChargingLimit | null
      readonly until: Instant
      readonly reason: string
    }
  | { readonly kind: 'override-end'; readonly evse: EvseKey }
  | {
      readonly kind: 'priority'
      readonly scope: PriorityScope
      readonly id: string
      /** 1 comes first, 9 last. */
      readonly priority: number
      readonly until: Instant | null
      readonly reason: string
    }
  | { readonly kind: 'priority-end'; readonly scope: PriorityScope; readonly id: string }
  | {
      readonly kind: 'operating-limit'
      readonly circuit: CircuitId
      /** A on each conductor; null leaves the rating. */
      readonly limitA: number | null
      /** W taken in; null leaves what was agreed. */
      readonly limitW: number | null
      readonly until: Instant | null
      readonly reason: string
    }
  | { readonly kind: 'operating-limit-end'; readonly circuit: CircuitId }

/** An override lasts at least a minute and at most a day, so that nobody forgets one. */
const SHORTEST = minutes(1)
const LONGEST_OVERRIDE = hours(24)
/** What stands longer than a year belongs into the configuration. */
const LONGEST = hours(24 * 366)
const REASON_MOST = 200

/** Why the act is not taken as it stands, whatever the site; null when it may be. */
export function actRefused(act: ManualAct, now: Instant): string | null {
  if ('reason' in act && (act.reason.trim() === '' || act.reason.length > REASON_MOST))
    return `a reason of 1 to ${REASON_MOST} characters is needed`
  if (!('until' in act)) return null
  if (act.until === null) return null
  const lasts = act.until - now
  if (lasts < SHORTEST) return 'it would end within the minute'
  if (act.kind === 'override') return lasts > LONGEST_OVERRIDE ? 'an override ends within 24 hours' : null
  return lasts > LONGEST ? 'it ends within a year, or not at all' : null
}
