import { between, type Instant, instant, seconds } from '@busbar/units/time.ts'
import { departures } from '../domain/charging/departures.ts'
import { newestLimit } from '../domain/charging/limit-ledger.ts'
import { countedBase } from '../domain/load-balancing/base-load.ts'
import { need, urgency } from '../domain/load-balancing/demand.ts'
import { fallbackLevel, lapsed } from '../domain/load-balancing/hold.ts'
import { coefficients, type Level, levelOf, levelPowerW, type Row } from '../domain/load-balancing/rows.ts'
import type { SiteSnapshot, SnapshotEvse, SnapshotRow } from '../domain/load-balancing/snapshot.ts'
import { meterQuality } from '../domain/site/meter-trust.ts'
import { worstOtherLoads } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'
import { connectorOf, type EvseNow } from './use.ts'
import { voltageBounds } from './voltage.ts'

/** A vehicle that leaves room unused this long gives it to others. */
const RECLAIM = seconds(60)
/** Room left above what a vehicle takes, so that it can show that it wants more: 2 A, or max(2 kW, 5 %). */
const reclaimMargin = (level: Level, dc: boolean): Level => (dc ? Math.max(2000, level * 0.05) : 2000)

/** Freezes the present into the view that one decision is made from. */
export function assemble(depot: Depot, evses: readonly EvseNow[]): SiteSnapshot {
  const rows = depot.rows.map((row) => snapshotRow(depot, row))
  const silent = new Set(
    depot.rows.flatMap((row, index) => (qualityOf(depot, row) === 'static' ? [index] : [])),
  )
  return {
    at: depot.now,
    rows,
    evses: evses.map((now) => snapshotEvse(depot, now, { rows, silent })),
    mayRise: depot.ready && depot.recorder.unsaved === 0,
  }
}

function snapshotRow(depot: Depot, row: Row): SnapshotRow {
  const circuit = depot.setup.site.circuits.get(row.circuit)
  const loads = circuit && worstOtherLoads(depot.setup.site, circuit)
  const worst = Math.ceil(
    row.kind === 'power' ? (loads?.powerW ?? 0) : (loads?.currentA[row.kind] ?? 0) * 1000,
  )
  const quality = qualityOf(depot, row)
  const known = depot.bases.get(row.id)
  const counted = known === undefined ? worst : countedBase(known)
  const trusted = quality === 'live' || quality === 'hold'
  const base = quality === null ? worst : trusted ? counted : Math.max(counted, worst)
  return { ...row, base, capacity: row.limit - base, mayRise: quality === null || quality === 'live' }
}

/** Quality of the meter that a row relies on; null when it relies on none. */
export function qualityOf(depot: Depot, row: Row) {
  const meter = depot.setup.site.circuits.get(row.circuit)?.meter ?? null
  const place = meter === null ? undefined : depot.setup.site.meters.get(meter)
  const trust = meter === null ? undefined : depot.meters.get(meter)
  return place === undefined || trust === undefined ? null : meterQuality(trust, depot.monotonic, place.poll)
}

function snapshotEvse(
  depot: Depot,
  now: EvseNow,
  site: { rows: readonly SnapshotRow[]; silent: ReadonlySet<number> },
): SnapshotEvse {
  const { evse, use, open, hold } = now
  const voltage = voltageBounds(depot)
  const active = use.observation.usedPhases ?? evse.phases
  const loads = coefficients(depot.setup.site, site.rows, { evse, active, voltage })
  const silent = loads.some((c) => site.silent.has(c.row))
  const fallback = fallbackLevel(use)
  const link = depot.links.get(evse.station)
  const newest = newestLimit(use.ledger)
  const dc = evse.current === 'dc'
  return {
    key: evse.key,
    loads,
    steerable:
      link !== undefined && (link.booted || link.reconciling || link.reconciled) && open !== undefined,
    hold,
    expected: expectedLevel(depot, now),
    fallback,
    current: newest === undefined || lapsed(newest, use, depot.now) ? null : levelOf(newest.limit),
    min: dc ? use.capabilities.minPowerW : use.capabilities.minCurrentA * 1000,
    max: silent ? fallback : Math.max(fallback, askedLevel(depot, now)),
    step: dc ? 100 : Math.max(100, Math.round(use.capabilities.limitStepA * 1000)),
    wattsPerLevel: levelPowerW(evse, 1, { phases: active.length, voltageV: depot.setup.site.nominalV }),
    ...priorityOf(depot, now),
    restUntil: restUntil(depot, now),
  }
}

/** Room for what may start soon: a connected vehicle that waits for authorisation or for room. */
function expectedLevel(depot: Depot, { evse, use, open, hold }: EvseNow): Level {
  const waiting = [...depot.roomRequests].some((request) => request.station === evse.station)
  const connected = connectorOf(depot, evse)?.chargingState === 'EVConnected'
  return open === undefined && (waiting || connected) ? Math.max(hold, fallbackLevel(use)) : hold
}

/** What the vehicle asks for: the rating, or what it takes plus a margin once it has left room unused for a while. */
function askedLevel(depot: Depot, { evse, use }: EvseNow): Level {
  const rating = levelOf(evse.rating)
  const { slackSince, reports } = use.observation
  const drawn = reports.at(-1)?.level
  if (slackSince === null || drawn === null || drawn === undefined) return rating
  if (between(slackSince, depot.monotonic) < RECLAIM) return rating
  return Math.min(rating, drawn + reclaimMargin(drawn, evse.current === 'dc'))
}

function priorityOf(depot: Depot, { evse, use, open }: EvseNow): { weight: number; rank: number } {
  if (open === undefined) return { weight: 1, rank: Number.MAX_SAFE_INTEGER }
  const vehicle = open.vehicle === null ? undefined : depot.setup.fleet.vehicles.get(open.vehicle)
  const departure = open.vehicle === null ? undefined : depot.memory.table(departures).get(open.vehicle)
  const what = need({ transaction: socOf(open, use.observation.socPct), departure, vehicle })
  const bestW = levelPowerW(evse, levelOf(evse.rating), {
    phases: evse.phases.length,
    voltageV: depot.setup.site.nominalV,
  })
  const weight = urgency(what, { now: depot.now, bestW }) / (vehicle?.priority ?? 1)
  return { weight, rank: what.departureAt ?? Number.MAX_SAFE_INTEGER }
}

/** The transaction with the latest state of charge and register, which facts hold only by the minute. */
export const socOf = <T extends { socPct: number | null }>(open: T, latest: T['socPct']): T =>
  latest === null ? open : { ...open, socPct: latest }

function restUntil(depot: Depot, { evse }: EvseNow): Instant {
  const changed = depot.lastChange.get(evse.key)
  return changed === undefined ? instant(0) : instant(changed + seconds(depot.setup.policy.restS))
}
