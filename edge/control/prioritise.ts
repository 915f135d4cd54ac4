import type { EvseKey } from '@busbar/model/ids.ts'
import { between } from '@busbar/units/time.ts'
import { departures } from '../domain/charging/departures.ts'
import { promiseByDeparture } from '../domain/load-balancing/deadline-order.ts'
import { need } from '../domain/load-balancing/demand.ts'
import { levelOf, levelPowerW } from '../domain/load-balancing/rows.ts'
import type { SiteSnapshot } from '../domain/load-balancing/snapshot.ts'
import { type Triage, type TriageCase, triage, withTriage } from '../domain/load-balancing/triage.ts'
import { socOf } from './assemble.ts'
import type { Depot } from './depot.ts'
import { overriddenAll } from './manual/by-hand.ts'
import { type ManualState, manualState } from './manual/state.ts'
import type { EvseNow } from './use.ts'

/**
 * Adds to a snapshot whose turn it is, and who gives way when not all can have what they must have before they leave.
 * The verdicts stay at `depot.triage` for whoever shows them.
 */
export function prioritise(depot: Depot, snapshot: SiteSnapshot, evses: readonly EvseNow[]): SiteSnapshot {
  for (const { evse, open } of evses) if (open === undefined) depot.turns.forget(evse.key)
  const prioritised = withPriorities(depot, snapshot, { evses, manual: manualState(depot) })
  depot.triage = prioritised.triage
  return prioritised.snapshot
}

/** The same without remembering anything. What people decided for single EVSEs goes before turns and triage. */
export function withPriorities(
  depot: Depot,
  snapshot: SiteSnapshot,
  { evses, manual }: { evses: readonly EvseNow[]; manual: ManualState },
): { snapshot: SiteSnapshot; triage: Triage } {
  const inTurn = snapshot.evses.map((evse) => {
    const turn = depot.turns.of(evse.key, depot.monotonic)
    return turn === undefined ? evse : { ...evse, turn }
  })
  const steered = new Set(snapshot.evses.flatMap(({ key, steerable }) => (steerable ? [key] : [])))
  const cases = evses.flatMap((now) => (steered.has(now.evse.key) ? caseOf(depot, now) : []))
  const verdicts = triage(snapshot, cases)
  const kept = { ...snapshot, evses: withTriage(inTurn, verdicts, cases) }
  const promised = promiseByDeparture(kept, verdicts, cases)
  return {
    snapshot: { ...promised, evses: overriddenAll(promised.evses, manual, depot.now) },
    triage: verdicts,
  }
}

const HOUR = 3_600_000

/**
 * What a running transaction must have: only what a departure says it needs. Without one it must have nothing and gives
 * way in a shortfall; one whose need cannot be told is left as it is.
 */
function caseOf(depot: Depot, { evse, use, open }: EvseNow): TriageCase[] {
  if (open === undefined) return []
  const departure = open.vehicle === null ? undefined : depot.memory.table(departures).get(open.vehicle)
  const vehicle = open.vehicle === null ? undefined : depot.setup.fleet.vehicles.get(open.vehicle)
  const what = need({ transaction: socOf(open, use.observation.socPct), departure, vehicle })
  const must = departure !== undefined && (departure.energyNeededWh ?? departure.socNeededPct) !== null
  if (must && what.energyLeftWh === null) return []
  const phases = (use.observation.usedPhases ?? evse.phases).length
  return [
    {
      key: evse.key,
      leavesInH: departure === undefined ? 0 : between(depot.now, departure.departureAt) / HOUR,
      mustWh: must ? (what.energyLeftWh ?? 0) : 0,
      bestW: levelPowerW(evse, levelOf(evse.rating), { phases, voltageV: depot.setup.site.nominalV }),
      wasDeferred: wasDeferred(depot, evse.key),
    },
  ]
}

const wasDeferred = ({ triage: last }: Depot, key: EvseKey): boolean =>
  last?.engaged === true && last.verdicts.get(key) === 'deferred'
