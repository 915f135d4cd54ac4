import { later, type Monotonic, seconds } from '@busbar/units/time.ts'
import { priorityOf } from '../domain/charging/manual/priorities.ts'
import type { Vehicle } from '../domain/charging/vehicle.ts'
import type { Evse } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'
import { manualState, overrideAt } from './manual/state.ts'
import type { Place } from './rationing/restart.ts'

/** Until when an EVSE does not rise, and what for: its turn after an outage, its station's flash, or its last change. */
export interface Rest {
  readonly until: Monotonic
  readonly why: 'restart' | 'flash' | 'change'
}

/** The rest that lasts longest; null when nothing of the kind holds the EVSE now. */
export function restOf(depot: Depot, { key, station }: Pick<Evse, 'key' | 'station'>): Rest | null {
  const { monotonic: now, setup } = depot
  const usual = seconds(setup.policy.restS)
  const changed = depot.lastChange.get(key)
  const rest = depot.flashWear.rest(station, { now, usual })
  const turn = depot.restart.waitsUntil(key, now, () => placeOf(depot, key))
  const rests: Rest[] = turn === null ? [] : [{ until: turn, why: 'restart' }]
  if (changed !== undefined)
    rests.push({ until: later(changed, rest), why: rest > usual ? 'flash' : 'change' })
  const [last] = rests.sort((a, b) => b.until - a.until)
  return last !== undefined && last.until > now ? last : null
}

/**
 * Its vehicle's priority among those of the fleet, as it counts now; without a vehicle we know it comes last. What a
 * person lets charge first is among the first.
 */
function placeOf(depot: Depot, key: Evse['key']): Place {
  const { vehicles } = depot.setup.fleet
  const manual = manualState(depot)
  const now = (of: Vehicle): number => priorityOf(of, manual.priorities, depot.now)
  const tiers = Math.max(1, ...[...vehicles.values()].map(now))
  if (overrideAt(manual, key, depot.now)?.how === 'charge') return { tier: 1, tiers }
  const id = depot.transactionAt(key)?.vehicle ?? null
  const vehicle = id === null ? undefined : vehicles.get(id)
  return { tier: vehicle === undefined ? tiers : now(vehicle), tiers }
}
