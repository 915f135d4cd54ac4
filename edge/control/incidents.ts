import { between, hours } from '@busbar/units/time.ts'
import { conformanceResults } from '../domain/charging/conformance/conformance-results.ts'
import { standingOf } from '../domain/charging/conformance/effective.ts'
import { newestLimit } from '../domain/charging/limit-ledger.ts'
import { stationRecords } from '../domain/charging/station.ts'
import { refusedImages } from '../domain/file-records.ts'
import { openIncidents } from '../domain/incidents/incident.ts'
import type { Finding, Scene } from '../domain/incidents/rule.ts'
import { RULES } from '../domain/incidents/rules.ts'
import { limitValue } from '../domain/limit.ts'
import { openOverloads } from '../domain/load-balancing/open-overloads.ts'
import { quantityOf } from '../domain/load-balancing/rows.ts'
import { meterQuality } from '../domain/site/meter-trust.ts'
import type { Evse } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'
import { heldW } from './live/held.ts'
import { isMeasured, isPhase } from './measured.ts'
import type { Decision } from './tick.ts'
import type { EvseNow } from './use.ts'

const DAY = hours(24)

/**
 * Runs every rule: opens an incident for each new finding, resolves each that is found no more. One that became more or
 * less severe is resolved and opened anew.
 */
export function watchIncidents(depot: Depot, decision: Decision): void {
  const scene = sceneOf(depot, decision)
  const findings = new Map(RULES.flatMap((rule) => rule(scene)).map((finding) => [idOf(finding), finding]))
  const open = [...depot.memory.table(openIncidents).values()]
  const known = new Map(open.map((incident) => [idOf(incident), incident]))
  const opened = [...findings].flatMap(([id, finding]) => {
    if (known.get(id)?.severity === finding.severity) return []
    const incident = `${id}@${depot.now}`
    const data = { incident, ...finding }
    return [depot.recorder.fact('IncidentOpened', { type: 'incident', id: incident }, data)]
  })
  const gone = open.flatMap((was) => {
    const { incident, code, subject } = was
    const still = findings.get(idOf(was))
    if (still?.severity === was.severity && known.get(idOf(was)) === was) return []
    const reason = still === undefined ? 'its cause is gone' : 'it is as severe no more, or more so'
    return [
      depot.recorder.fact(
        'IncidentResolved',
        { type: 'incident', id: incident },
        { incident, code, subject, reason },
      ),
    ]
  })
  if (opened.length + gone.length > 0) depot.recorder.note([...gone, ...opened])
}

const idOf = ({ code, subject }: Pick<Finding, 'code' | 'subject'>): string =>
  `${code}:${subject.type}:${subject.id}`

function sceneOf(depot: Depot, decision: Decision): Scene {
  const byStation = Map.groupBy(decision.evses, ({ evse }) => evse.station)
  return {
    now: depot.now,
    stations: depot.setup.stations.map((station) =>
      stationScene(depot, byStation.get(station) ?? [], station),
    ),
    meters: [...depot.setup.site.meters.values()].map((place) => {
      const trust = depot.meters.get(place.id)
      const heardAt = trust?.reading?.measuredAtMonotonic ?? depot.startedAt
      return {
        id: place.id,
        name: place.name,
        quality: trust === undefined ? 'reserve' : meterQuality(trust, depot.monotonic, place.poll),
        silentMs: between(heardAt, depot.monotonic),
        reason: trust?.failure?.reason ?? 'no reading',
        unproven: trust?.unproven ?? null,
        found: depot.watches.get(place.id)?.findings.standing ?? [],
      }
    }),
    overloads: overloads(depot),
    orphans: 0,
    intrusions: depot.intrusions.standing(depot.monotonic),
    refusedImages: [...depot.memory.table(refusedImages)].flatMap(([image, { reason, at }]) =>
      between(at, depot.now) < DAY ? [{ image, reason }] : [],
    ),
    fought: fought(depot),
    asleep: decision.evses
      .filter(({ evse }) => depot.wakes.of(evse.key)?.state === 'asleep')
      .map(({ evse, open }) => ({ evse: evse.key, label: evse.label, vehicle: open?.vehicle ?? null })),
  }
}

function stationScene(
  depot: Depot,
  own: readonly EvseNow[],
  station: Scene['stations'][number]['station'],
): Scene['stations'][number] {
  const offlineSince = depot.offlineSince.get(station)
  const connectors = Object.values(depot.memory.table(stationRecords).get(station)?.connectors ?? {})
  const faulted = connectors.find((state) => state.status === 'Faulted')
  return {
    station,
    offlineMs: offlineSince === undefined ? null : between(offlineSince, depot.monotonic),
    heldKw: own.reduce((sum, now) => sum + heldW(depot, now), 0) / 1000,
    fault: faulted === undefined ? null : faulted.info || faulted.vendorError || faulted.errorCode || 'fault',
    disobeying: own
      .filter(({ evse }) => (depot.disobedience.get(evse.key) ?? 0) > 0)
      .map(({ evse, use }) => {
        const limit = newestLimit(use.ledger)
        const unit = evse.current === 'ac' ? 'A' : 'W'
        const level = use.observation.reports.at(-1)?.level ?? 0
        return {
          evse: evse.key,
          label: evse.label,
          limit: limit === undefined ? 'its fallback' : `${limitValue(limit.limit)} ${unit}`,
          drawn: evse.current === 'ac' ? `${(level / 1000).toFixed(1)} A` : `${level} W`,
        }
      }),
    flapping: depot.flapping.flaps(station, depot.monotonic),
    notHeld: own.flatMap(({ evse: { key, label, current } }) => {
      const level = depot.composites.above.get(key)
      if (level === undefined) return []
      return [{ evse: key, label, says: current === 'ac' ? `${level / 1000} A` : `${level} W` }]
    }),
    recheck: own.flatMap(({ evse }) => recheckOf(depot, evse)),
    refusing: own.flatMap(({ evse: { key, label } }) =>
      depot.failures.get(key)?.refused === true ? [{ evse: key, label }] : [],
    ),
    fallbackRefused: own.some(
      ({ evse, use }) => depot.refusedFallback.has(evse.key) && !use.ledger.defaultProven,
    ),
  }
}

/** Rows whose overload is fought, with the newest evidence. */
function fought(depot: Depot): NonNullable<Scene['fought']> {
  return [...depot.memory.table(openOverloads).values()].map(({ row, step, measured, limit, unit }) => {
    const { circuit, kind } = depot.rows.find(({ id }) => id === row) ?? {}
    const name = circuit === undefined ? row : (depot.setup.site.circuits.get(circuit)?.name ?? row)
    const [scale, word] = unit === 'W' ? [1000, 'kW'] : [1, `A on ${(kind ?? '').toUpperCase()}`]
    const text = `${(measured / scale).toFixed(1)} of ${(limit / scale).toFixed(1)} ${word}`
    return { row, name, step, text }
  })
}

/** Rows that a fresh meter reads above their limit, since when. */
function overloads(depot: Depot): Scene['overloads'] {
  return depot.rows.flatMap((row) => {
    const circuit = depot.setup.site.circuits.get(row.circuit)
    const reading = circuit?.meter == null ? undefined : depot.meters.get(circuit.meter)?.reading
    if (circuit === undefined || reading === undefined || reading === null) return []
    if (!isMeasured(row) || row.duty !== 'protect' || quantityOf(row) !== row.id) return []
    const measured = isPhase(row.kind) ? (reading.currentA?.[row.kind] ?? Number.NaN) * 1000 : reading.powerW
    if (measured === undefined || !(measured > row.limit)) {
      depot.overSince.delete(row.id)
      return []
    }
    const since = depot.overSince.get(row.id) ?? depot.monotonic
    depot.overSince.set(row.id, since)
    const text = `${(measured / 1000).toFixed(1)} of ${(row.limit / 1000).toFixed(1)} ${row.kind === 'power' ? 'kW' : `A on ${row.kind.toUpperCase()}`}`
    return [{ row: row.id, name: circuit.name, text, forMs: between(since, depot.monotonic) }]
  })
}

/** The EVSE, where what was measured there is about another firmware. */
function recheckOf(depot: Depot, { key, label, station }: Evse) {
  const record = depot.memory.table(stationRecords).get(station)
  const changed = standingOf(depot.memory.table(conformanceResults).get(key), record) === 'firmware-changed'
  return changed ? [{ evse: key, label, firmware: record?.firmware ?? null }] : []
}
