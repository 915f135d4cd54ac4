import type { CircuitId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { Override } from '../../domain/charging/manual/overrides.ts'
import { type OperatingRow, withOperatingLimits } from '../../domain/load-balancing/operating-rows.ts'
import { levelOf } from '../../domain/load-balancing/rows.ts'
import type { SiteSnapshot, SnapshotEvse } from '../../domain/load-balancing/snapshot.ts'
import { type ManualState, operatingLimitOn, overrideAt } from './state.ts'

/** Against this weight nobody else gets more than its fallback until the EVSE has what it takes. */
const FIRST = 1000

/** The snapshot as people's decisions change it. Only shares are moved: no rating, hold or room is touched. */
export function byHand(snapshot: SiteSnapshot, state: ManualState, now: Instant): SiteSnapshot {
  const evses = snapshot.evses.map((evse) => {
    const override = overrideAt(state, evse.key, now)
    return override === undefined ? evse : overridden(evse, override)
  })
  return withOperatingLimits({ ...snapshot, evses }, limitsNow(state, now))
}

/**
 * Paused, it gets nothing, at once; what its default lets it draw is counted all the same, for without us it may.
 * Charging first, it goes before all others and is bounded by what it was before, and by the limit that was named.
 */
function overridden(evse: SnapshotEvse, { how, limit }: Override): SnapshotEvse {
  if (how === 'pause') return { ...evse, max: 0, stuck: Math.max(evse.stuck, evse.fallback), resting: false }
  const max = limit === null ? evse.max : Math.min(evse.max, Math.max(levelOf(limit), evse.fallback))
  return { ...evse, max, weight: FIRST, rank: -1 }
}

function limitsNow(state: ManualState, now: Instant): ReadonlyMap<CircuitId, OperatingRow> {
  return new Map(
    [...state.limits.values()].flatMap(({ circuit }) => {
      const limit = operatingLimitOn(state, circuit, now)
      if (limit === undefined) return []
      const limitMa = limit.limit_a === null ? null : Math.floor(limit.limit_a * 1000 + 1e-6)
      return [
        [circuit, { limitMa, limitW: limit.limit_w === null ? null : Math.floor(limit.limit_w) }] as const,
      ]
    }),
  )
}
