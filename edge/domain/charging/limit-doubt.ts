import { evseKey } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { FactTypes } from '../facts.ts'
import { type ChargingLimit, limitValue } from '../limit.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** A request sent past the balancer whose effect on one EVSE may still be in force. */
export interface LimitDoubt
  extends Pick<FactTypes['LimitDoubted'], 'limit' | 'profile' | 'reboots' | 'command'> {
  readonly at: Instant
}

/** Doubts by EVSE, oldest first. */
export const limitDoubts: ProjectionDefinition<readonly LimitDoubt[]> = {
  name: 'limit-doubt',
  keys: ({ fact }) =>
    fact.type === 'LimitDoubted' || fact.type === 'LimitReconciled'
      ? [evseKey(fact.data.station, fact.data.evse)]
      : [],
  next: (row = [], { fact }) => {
    if (fact.type === 'LimitDoubted') {
      const { limit, profile, reboots, command } = fact.data
      return [...row, { limit, profile, reboots, command, at: fact.occurred_at }]
    }
    if (fact.type !== 'LimitReconciled') return row
    const left = row.filter(({ command }) => command !== fact.data.command)
    return left.length > 0 ? left : undefined
  },
}

/**
 * The most that the EVSE may draw by its doubts, as a limit of `rating`'s unit; undefined without one. A limit in the
 * other unit says nothing that holds at every voltage and phase, so the rating counts.
 */
export function doubtedLimit(
  doubts: readonly Pick<LimitDoubt, 'limit'>[],
  rating: ChargingLimit,
): ChargingLimit | undefined {
  const limits = doubts.map(({ limit }) => within(limit, rating))
  return limits.reduce<ChargingLimit | undefined>((most, each) => {
    if (most === undefined) return each
    return limitValue(each) > limitValue(most) ? each : most
  }, undefined)
}

function within(limit: ChargingLimit | null, rating: ChargingLimit): ChargingLimit {
  const sameUnit = limit !== null && 'limit_a' in limit === 'limit_a' in rating
  return sameUnit && limitValue(limit) < limitValue(rating) ? limit : rating
}
