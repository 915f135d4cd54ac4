import { PHASES, perPhase } from '@busbar/units/per-phase.ts'
import { type Instant, toIso } from '@busbar/units/time.ts'
import { departures } from '../../domain/charging/departures.ts'
import { acceptedLimit, newestLimit } from '../../domain/charging/limit-ledger.ts'
import { energyTo } from '../../domain/charging/transaction.ts'
import type { LiveEvse } from '../../domain/live-site.ts'
import { type Need, need, type Readiness, readiness, readyAt } from '../../domain/load-balancing/demand.ts'
import { fallbackLevel, lapsed } from '../../domain/load-balancing/hold.ts'
import { freshReport } from '../../domain/load-balancing/observation.ts'
import { type Level, levelOf } from '../../domain/load-balancing/rows.ts'
import { socOf } from '../assemble.ts'
import { connectorOf } from '../connector.ts'
import type { Depot } from '../depot.ts'
import type { Decision } from '../tick.ts'
import type { EvseNow } from '../use.ts'
import { acPowerW, drawnLevel, heldW } from './held.ts'
import { overrideView } from './manual-view.ts'
import { reasonFor } from './reason.ts'
import type { Words } from './words.ts'

/** What the vehicle at an EVSE needs; null without a transaction. */
export function needAt(depot: Depot, { open, use }: EvseNow): Need | null {
  if (open === undefined) return null
  const vehicle = open.vehicle === null ? undefined : depot.setup.fleet.vehicles.get(open.vehicle)
  const departure = open.vehicle === null ? undefined : depot.memory.table(departures).get(open.vehicle)
  return need({
    transaction: socOf(
      { ...open, registerWh: use.observation.registerWh ?? open.registerWh },
      use.observation.socPct,
    ),
    departure,
    vehicle,
  })
}

export function evseView(
  now: EvseNow,
  context: { depot: Depot; decision: Decision; words: Words },
): LiveEvse {
  const { depot } = context
  const { evse, use, open } = now
  const what = needAt(depot, now)
  const reason = reasonFor(now, { ...context, need: what })
  const online = depot.links.has(evse.station)
  return {
    station: evse.station,
    evse: evse.evse,
    label: evse.label,
    circuit: evse.circuit,
    current: evse.current,
    phases: [...(use.observation.usedPhases ?? evse.phases)],
    state: reason.state,
    state_since: isoOrNull(connectorOf(depot, evse)?.since),
    online,
    last_message_at: isoOrNull(depot.lastMessage.get(evse.station)),
    rating_w: Math.round(
      acPowerW(
        depot,
        { ...now, use: { ...use, observation: { ...use.observation, usedPhases: null } } },
        levelOf(evse.rating),
      ),
    ),
    id_token: open?.idToken ?? null,
    transaction: open?.transaction ?? null,
    started_at: isoOrNull(open?.startedAt),
    held_w: Math.round(heldW(depot, now)),
    reason: reason.sentence,
    reason_code: reason.code,
    binding_row: reason.row,
    override: overrideView(depot, evse.key),
    ...offered(depot, now),
    ...values(depot, now),
    ...journey(depot, now, what),
  }
}

const isoOrNull = (at: Parameters<typeof toIso>[0] | undefined): string | null =>
  at === undefined ? null : toIso(at)

function offered(depot: Depot, now: EvseNow): Pick<LiveEvse, 'offered_w' | 'offered_a' | 'pending_w'> {
  const { use, open } = now
  if (open === undefined) return { offered_w: null, offered_a: null, pending_w: null }
  const accepted = acceptedLimit(use.ledger)
  const newest = newestLimit(use.ledger)
  const inForce = accepted !== undefined && !lapsed(accepted, use, depot.monotonic)
  const level: Level = inForce ? levelOf(accepted.limit) : fallbackLevel(use)
  const power = (of: Level) => Math.round(acPowerW(depot, now, of))
  return {
    offered_w: power(level),
    offered_a: now.evse.current === 'ac' ? level / 1000 : null,
    pending_w: newest !== undefined && newest.answer !== 'accepted' ? power(levelOf(newest.limit)) : null,
  }
}

function values(
  depot: Depot,
  now: EvseNow,
): Pick<LiveEvse, 'actual_w' | 'current_a' | 'energy_wh' | 'soc_pct' | 'soc_estimated' | 'values_at'> {
  const { evse, use, open } = now
  const report = freshReport(use.observation, depot.monotonic)
  const level = drawnLevel(depot, now)
  const reportedW = report?.powerW ?? null
  const actual =
    reportedW !== null ? reportedW / evse.efficiency : level === null ? null : acPowerW(depot, now, level)
  const last = use.observation.reports.at(-1)
  return {
    actual_w: open === undefined ? (level === 0 ? 0 : null) : actual === null ? null : Math.round(actual),
    current_a: perPhase((phase) => {
      const current = evse.current === 'ac' ? report?.currentMa[phase] : undefined
      return current === undefined || !PHASES.includes(phase) ? null : current / 1000
    }),
    energy_wh:
      open === undefined ? null : Math.round(energyTo(open, use.observation.registerWh ?? open.registerWh)),
    soc_pct: open === undefined ? null : (use.observation.socPct ?? open.socPct),
    soc_estimated: open !== undefined && depot.socs.get(evse.key)?.estimated === true,
    values_at: isoOrNull(last?.receivedAt),
  }
}

function journey(
  depot: Depot,
  now: EvseNow,
  what: Need | null,
): Pick<
  LiveEvse,
  'vehicle' | 'departure_at' | 'soc_needed_pct' | 'energy_needed_wh' | 'readiness' | 'ready_at'
> {
  const vehicle = now.open?.vehicle ?? null
  const departure = vehicle === null ? undefined : depot.memory.table(departures).get(vehicle)
  if (what === null)
    return {
      vehicle,
      departure_at: null,
      soc_needed_pct: null,
      energy_needed_wh: null,
      readiness: null,
      ready_at: null,
    }
  const foreseen = foreseenOf(depot, now, what)
  return {
    vehicle,
    departure_at: isoOrNull(departure?.departureAt),
    soc_needed_pct: departure?.socNeededPct ?? null,
    energy_needed_wh: departure?.energyNeededWh ?? null,
    readiness: departure === undefined ? null : foreseen.state,
    ready_at: isoOrNull(foreseen.at ?? undefined),
  }
}

/** Whether it will be ready, and when at its present pace. Of a station out of contact nobody knows, whatever it said last. */
export function foreseenOf(
  depot: Depot,
  now: EvseNow,
  what: Need,
): { readonly state: Readiness; readonly at: Instant | null } {
  if (!depot.links.has(now.evse.station)) return { state: 'no-data', at: null }
  const pace = paceOf(depot, now)
  return { state: readiness(what, pace), at: readyAt(what, pace) }
}

/** Present power into the vehicle, and the best it could get. */
export function paceOf(depot: Depot, now: EvseNow) {
  const level = drawnLevel(depot, now)
  const toVehicle = (of: Level) => acPowerW(depot, now, of) * now.evse.efficiency
  return {
    now: depot.now,
    powerW: level === null ? null : toVehicle(level),
    bestW: toVehicle(levelOf(now.evse.rating)),
  }
}
