import type { TransactionId } from '@busbar/model/ids.ts'
import { between, type Instant } from '@busbar/units/time.ts'
import { departures } from '../../domain/charging/departures.ts'
import { need } from '../../domain/load-balancing/demand.ts'
import { levelOf } from '../../domain/load-balancing/rows.ts'
import type { SnapshotEvse } from '../../domain/load-balancing/snapshot.ts'
import { type PlanVehicle, SLOT_H } from '../../domain/scheduling/plan-problem.ts'
import { socOf } from '../assemble.ts'
import type { Depot } from '../depot.ts'
import type { EvseNow } from '../use.ts'
import type { TakenRates } from './taken-rates.ts'

/** What a plan knows of a vehicle, and what must still be so for it to hold. */
export interface Planned {
  readonly vehicle: PlanVehicle
  readonly transaction: TransactionId
  readonly departureAt: Instant
}

/** Vehicles are to be ready this much before they leave, and are planned for no further ahead than that. */
export const EARLY_H = 0.25
const HORIZON_H = 36

/** A vehicle that can be planned for: it is steered, and its departure and its need are known. */
export function plannedVehicle(
  depot: Depot,
  now: EvseNow,
  { evse, rates }: { evse: SnapshotEvse; rates: TakenRates },
): Planned | undefined {
  const { open, use } = now
  if (open === undefined || open.vehicle === null || !evse.steerable) return undefined
  const departure = depot.memory.table(departures).get(open.vehicle)
  const vehicle = depot.setup.fleet.vehicles.get(open.vehicle)
  const transaction = socOf(open, use.observation.socPct)
  const { energyLeftWh } = need({ transaction, departure, vehicle })
  if (departure === undefined || energyLeftWh === null) return undefined
  const hours = between(depot.now, departure.departureAt) / 3_600_000 - EARLY_H
  const battery =
    vehicle === undefined || transaction.socPct === null
      ? null
      : { socPct: transaction.socPct, Wh: vehicle.batteryWh }
  return {
    transaction: open.transaction,
    departureAt: departure.departureAt,
    vehicle: {
      key: evse.key,
      loads: evse.loads,
      wattsPerLevel: evse.wattsPerLevel,
      bestW: rates.bestW(evse, levelOf(now.evse.rating) * evse.wattsPerLevel),
      needWh: energyLeftWh,
      slots: Math.max(0, Math.floor(Math.min(hours, HORIZON_H) / SLOT_H + 1e-9)),
      tier: Math.max(1, evse.tier ?? vehicle?.priority ?? 1),
      battery,
    },
  }
}
