import type { CircuitId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { Override } from '../../domain/charging/manual/overrides.ts'
import { type OperatingRow, withOperatingLimits } from '../../domain/load-balancing/operating-rows.ts'
import { type Level, levelOf } from '../../domain/load-balancing/rows.ts'
import type { SiteSnapshot, SnapshotEvse } from '../../domain/load-balancing/snapshot.ts'
import { type ManualState, operatingLimitOn, overrideAt } from './state.ts'

/** Against this weight nobody else gets more than its fallback until the EVSE has what it takes. */
const FIRST = 1000

/** The snapshot as people's decisions change it. Only shares are moved: no rating, hold or room is touched. */
export const byHand = (snapshot: SiteSnapshot, state: ManualState, now: Instant): SiteSnapshot =>
  withOperatingLimits(
    { ...snapshot, evses: overriddenAll(snapshot.evses, state, now) },
    limitsNow(state, now),
  )

/** The EVSEs as people decided for each; done twice it is as done once. */
export const overriddenAll = (
  evses: readonly SnapshotEvse[],
  state: ManualState,
  now: Instant,
): readonly SnapshotEvse[] =>
  state.overrides.size === 0
    ? evses
    : evses.map((evse) => {
        const override = overrideAt(state, evse.key, now)
        return override === undefined ? evse : overridden(evse, override)
      })

/**
 * Paused, it gets nothing, at once; what its default lets it draw is counted all the same, for without us it may.
 * Charging first, it goes before all others and is bounded by what it was before, and by the limit that was named.
 */
function overridden(evse: SnapshotEvse, { how, limit }: Override): SnapshotEvse {
  const max = cappedByHand({ how, limit }, evse)
  if (how === 'pause')
    return { ...evse, max, guarantee: 0, stuck: Math.max(evse.stuck, evse.fallback), resting: false }
  return { ...evse, max, tier: 0, guarantee: max, weight: FIRST, rank: -1, deferred: false }
}

/** The most an EVSE may get with what a person said of it. */
export function cappedByHand(
  { how, limit }: Pick<Override, 'how' | 'limit'>,
  { max, fallback }: { readonly max: Level; readonly fallback: Level },
): Level {
  if (how === 'pause') return 0
  return limit === null ? max : Math.min(max, Math.max(levelOf(limit), fallback))
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
