import type { CircuitId, EvseKey } from '@busbar/model/ids.ts'
import { toIso } from '@busbar/units/time.ts'
import { type DoneAct, doneActs } from '../../domain/charging/manual/acts.ts'
import type { OperatingLimit } from '../../domain/charging/manual/operating-limits.ts'
import type { Override } from '../../domain/charging/manual/overrides.ts'
import type { LiveManual, LiveOperatingLimit, LiveOverride } from '../../domain/live-site.ts'
import type { Depot } from '../depot.ts'
import { type ManualState, manualState, operatingLimitOn, overrideAt } from '../manual/state.ts'

/** What stands by hand at an EVSE. */
export function overrideView(depot: Depot, key: EvseKey): LiveOverride | null {
  const found = overrideAt(manualState(depot), key, depot.now)
  return found === undefined ? null : overrideOf(found)
}

function overrideOf({ how, limit, since, until, reason, by }: Override): LiveOverride {
  return {
    how,
    limit_a: limit !== null && 'limit_a' in limit ? limit.limit_a : null,
    limit_w: limit !== null && 'limit_w' in limit ? limit.limit_w : null,
    since: toIso(since),
    until: toIso(until),
    reason,
    by,
  }
}

/** What a person allows on a circuit. */
export function operatingLimitView(depot: Depot, circuit: CircuitId): LiveOperatingLimit | null {
  const found = operatingLimitOn(manualState(depot), circuit, depot.now)
  return found === undefined ? null : limitOf(found)
}

function limitOf({ limit_a, limit_w, since, until, reason, by }: OperatingLimit): LiveOperatingLimit {
  return {
    limit_a,
    limit_w,
    since: toIso(since),
    until: until === null ? null : toIso(until),
    reason,
    by,
  }
}

/** Everything that stands by hand, and the last acts. */
export function manualView(depot: Depot): LiveManual {
  const { overrides, priorities, limits } = inForce(depot)
  return {
    at: toIso(depot.now),
    overrides: overrides.map((override) => ({ evse: override.key, ...overrideOf(override) })),
    priorities: priorities.map(({ since, until, ...given }) => ({
      ...given,
      since: toIso(since),
      until: until === null ? null : toIso(until),
    })),
    operating_limits: limits.map((limit) => ({ circuit: limit.circuit, ...limitOf(limit) })),
    acts: (depot.memory.table(doneActs).get('all') ?? []).map(actOf),
  }
}

function inForce(depot: Depot) {
  const state: ManualState = manualState(depot)
  const stands = ({ until }: { until: number | null }) => until === null || until > depot.now
  return {
    overrides: [...state.overrides.values()].filter(stands),
    priorities: [...state.priorities.values()].filter(stands),
    limits: [...state.limits.values()].filter(stands),
  }
}

/** Data as facts hold it, its times as the API tells them. */
function actOf({ at, type, data }: DoneAct): LiveManual['acts'][number] {
  const { by, ...rest } = data
  const until = 'until' in rest && rest.until !== null ? { until: toIso(rest.until) } : {}
  return { at: toIso(at), act: type, by, data: { ...rest, ...until } }
}
