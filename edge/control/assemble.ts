import { departures } from '../domain/charging/departures.ts'
import { newestLimit } from '../domain/charging/limit-ledger.ts'
import { priorityOf } from '../domain/charging/manual/priorities.ts'
import { need, urgency } from '../domain/load-balancing/demand.ts'
import { countedAnyway, fallbackLevel, lapsed } from '../domain/load-balancing/hold.ts'
import { activePhases, type Level, levelOf, levelPowerW } from '../domain/load-balancing/rows.ts'
import type { SiteSnapshot, SnapshotEvse } from '../domain/load-balancing/snapshot.ts'
import { sureLevel } from '../domain/load-balancing/sure.ts'
import { askedOf } from './asked.ts'
import { connectorOf } from './connector.ts'
import { heldToTarget } from './demand-target.ts'
import type { Depot } from './depot.ts'
import { byHand } from './manual/by-hand.ts'
import { type ManualState, manualState } from './manual/state.ts'
import { restOf } from './rest.ts'
import { qualityOf, snapshotRow } from './row-base.ts'
import { stuckLevel } from './stuck.ts'
import type { EvseNow } from './use.ts'
import { leastLevel } from './wakes.ts'

/** Freezes the present into the view that one decision is made from. */
export function assemble(
  depot: Depot,
  evses: readonly EvseNow[],
  manual: ManualState = manualState(depot),
): SiteSnapshot {
  const qualities = depot.rows.map((row) => qualityOf(depot, row))
  const rows = depot.rows.map((row, index) => snapshotRow(depot, row, qualities[index] ?? null))
  const silent = (now: EvseNow) => now.loads.some((c) => c.perLevel > 0 && qualities[c.row] === 'static')
  const frozen = {
    rows,
    evses: evses.map((now) => ({
      ...snapshotEvse(depot, now, silent(now)),
      ...priorityAt(depot, now, manual),
    })),
    mayRise: depot.ready && depot.recorder.unsaved === 0,
  }
  return byHand(heldToTarget(depot, frozen, evses), manual, depot.now)
}

type Priority = Pick<SnapshotEvse, 'weight' | 'rank' | 'tier'>

function snapshotEvse(depot: Depot, now: EvseNow, silent: boolean): Omit<SnapshotEvse, keyof Priority> {
  const { evse, use, open, hold, loads } = now
  const link = depot.links.get(evse.station)
  const dc = evse.current === 'dc'
  const active = activePhases(evse, use.observation.usedPhases).length
  const fallback = fallbackLevel(use)
  const current = currentLevel(depot, now)
  const stuck = stuckLevel(depot, now)
  const max = askedOf(depot, now, { silent, fallback, current, stuck }).level
  const least = leastLevel(depot, now)
  const lowest = dc ? use.capabilities.minPowerW : use.capabilities.minCurrentA * 1000
  return {
    key: evse.key,
    loads,
    steerable:
      link !== undefined &&
      !depot.conformance.tests(evse.key) &&
      depot.inContact(evse.station) &&
      (link.booted || link.reconciling || link.reconciled) &&
      open !== undefined,
    hold,
    expected: expectedLevel(depot, now),
    fallback,
    // A doubt makes others give way; the EVSE itself follows its limits, so it is not kept from rising.
    stuck: Math.max(stuck, countedAnyway(use)),
    current,
    ...sureBelow(depot, now, current),
    min: least <= max ? least : lowest,
    max,
    step: dc ? 100 : Math.max(100, Math.round(use.capabilities.limitStepA * 1000)),
    wattsPerLevel: levelPowerW(evse, 1, { phases: active, voltageV: depot.setup.site.nominalV }),
    resting: restOf(depot, evse) !== null,
  }
}

/** The newest limit of the transaction; null when there is none or the station has dropped it by itself. */
function currentLevel(depot: Depot, { use }: EvseNow): Level | null {
  const newest = newestLimit(use.ledger)
  return newest === undefined || lapsed(newest, use, depot.monotonic) ? null : levelOf(newest.limit)
}

/** Told only where it is less than the newest limit. */
function sureBelow(depot: Depot, { use }: EvseNow, current: Level | null): Pick<SnapshotEvse, 'sure'> {
  const sure = sureLevel(use, depot.monotonic)
  return current !== null && sure < current ? { sure } : {}
}

/** Room for what may start soon: a connected vehicle that waits for authorisation or for room. */
function expectedLevel(depot: Depot, { evse, use, open, hold }: EvseNow): Level {
  if (depot.conformance.tests(evse.key)) return Math.max(hold, levelOf(evse.rating))
  const waiting = [...depot.roomRequests].some((request) => request.station === evse.station)
  const connected = connectorOf(depot, evse)?.chargingState === 'EVConnected'
  return open === undefined && (waiting || connected) ? Math.max(hold, fallbackLevel(use)) : hold
}

function priorityAt(depot: Depot, { evse, use, open }: EvseNow, manual: ManualState): Priority {
  if (open === undefined) return { weight: 1, rank: Number.MAX_SAFE_INTEGER }
  const vehicle = open.vehicle === null ? undefined : depot.setup.fleet.vehicles.get(open.vehicle)
  const departure = open.vehicle === null ? undefined : depot.memory.table(departures).get(open.vehicle)
  const what = need({ transaction: socOf(open, use.observation.socPct), departure, vehicle })
  const bestW = levelPowerW(evse, levelOf(evse.rating), {
    phases: evse.phases.length,
    voltageV: depot.setup.site.nominalV,
  })
  const priority = vehicle === undefined ? 1 : priorityOf(vehicle, manual.priorities, depot.now)
  const weight = urgency(what, { now: depot.now, bestW }) / priority
  return { weight, rank: what.departureAt ?? Number.MAX_SAFE_INTEGER, tier: priority }
}

/** The transaction with the latest state of charge and register, which facts hold only by the minute. */
export const socOf = <T extends { socPct: number | null }>(open: T, latest: T['socPct']): T =>
  latest === null ? open : { ...open, socPct: latest }
