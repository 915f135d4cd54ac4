import { sumPhases } from '@busbar/units/per-phase.ts'
import { between, fromIso, minutes, toIso } from '@busbar/units/time.ts'
import { departures } from '../../domain/charging/departures.ts'
import { energyTo } from '../../domain/charging/transaction.ts'
import { openIncidents } from '../../domain/incidents/incident.ts'
import type { LiveDeparture, LiveEvse, LiveMeter, LivePower, LiveSite } from '../../domain/live-site.ts'
import { voltageAt } from '../../domain/site/feeding.ts'
import { meterQuality } from '../../domain/site/meter-trust.ts'
import type { Circuit, MeterPlace } from '../../domain/site/site.ts'
import { STEPS } from '../conformance/steps/steps.ts'
import type { Depot } from '../depot.ts'
import { reported } from '../handle/meters.ts'
import { startupSteps } from '../startup.ts'
import type { Decision } from '../tick.ts'
import type { EvseNow } from '../use.ts'
import { bindingView, circuitView } from './circuit-view.ts'
import { demandView } from './demand-view.ts'
import { departureSentence } from './departure-sentence.ts'
import { evseView, foreseenOf, needAt } from './evse-view.ts'
import { heldW } from './held.ts'
import type { Words } from './words.ts'

/** The depot's own particulars, which the control loop only passes on. */
export type Particulars = Pick<LiveSite, 'depot'> & { scale: number; tariff: () => LiveSite['tariff'] }

/** Everything the screens show, from one decision. */
export function liveSite(
  depot: Depot,
  decision: Decision,
  of: { particulars: Particulars; words: Words },
): LiveSite {
  const { particulars, words } = of
  const evses = decision.evses.map((now) => evseView(now, { depot, decision, words }))
  const leaving = departureViews(depot, decision, words)
  const charging = new Set(
    evses.filter(({ transaction }) => transaction !== null).map(({ vehicle }) => vehicle),
  )
  const next = leaving.find(({ vehicle, readiness: state }) => charging.has(vehicle) && state !== 'ready')
  const binding = bindingView(
    depot,
    decision,
    next ? { vehicle: next.vehicle, at: words.time(fromIso(next.departure_at)) } : null,
  )
  const steps = startupSteps(depot)
  return {
    depot: particulars.depot,
    clock: { quality: depot.deps.clockQuality(), scale: particulars.scale },
    at: toIso(depot.now),
    power: powerView(depot, decision, evses),
    demand: demandView(depot, decision),
    binding,
    meters: [...depot.setup.site.meters.values()].map((place) => meterView(depot, place)),
    circuits: [...depot.setup.site.circuits.values()].map((circuit) =>
      circuitView(depot, circuit, { decision, binding }),
    ),
    stations: stationCounts(depot, evses),
    evses,
    startup: depot.ready ? [] : [...steps],
    ...underTest(depot),
    incidents: [...depot.memory.table(openIncidents).values()]
      .map(({ incident, code, severity, subject, text, action, openedAt }) => ({
        id: incident,
        code,
        severity,
        subject,
        text,
        action,
        opened_at: toIso(openedAt),
      }))
      .sort((a, b) => a.severity - b.severity || (a.opened_at < b.opened_at ? 1 : -1)),
    departures: leaving,
    tariff: particulars.tariff(),
  }
}

const rootOf = (depot: Depot): Circuit | undefined =>
  [...depot.setup.site.circuits.values()].find(({ parent }) => parent === null)

function powerView(depot: Depot, decision: Decision, evses: readonly LiveEvse[]): LivePower {
  const root = rootOf(depot)
  const place = root?.meter == null ? undefined : depot.setup.site.meters.get(root.meter)
  const trust = place && depot.meters.get(place.id)
  const reading = trust?.reading ?? null
  const importW = reading?.powerW ?? null
  const quality =
    place === undefined || trust === undefined ? 'static' : meterQuality(trust, depot.monotonic, place.poll)
  // What is worked out from a measurement is no younger than that: of an old one nothing is told.
  const presentW = quality === 'live' || quality === 'hold' ? importW : null
  const drawn = evses.map(({ actual_w }) => actual_w)
  const vehiclesW = drawn.some((watts, index) => watts === null && evses[index]?.transaction !== null)
    ? null
    : sum(drawn)
  const heldSum = Math.round(decision.evses.reduce((total, now) => total + heldW(depot, now), 0))
  const limitW = root === undefined ? 0 : connectionLimitW(depot, root)
  return {
    import_w: importW === null ? null : Math.round(importW),
    vehicles_w: vehiclesW,
    building_w:
      presentW === null || vehiclesW === null ? null : Math.max(0, Math.round(presentW - vehiclesW)),
    limit_w: limitW,
    held_w: heldSum,
    headroom_w: presentW === null ? null : Math.round(limitW - presentW - heldSum),
    measured_at: reading === null ? null : toIso(reading.measuredAt),
    age_ms: reading === null ? null : Math.round(between(reading.measuredAtMonotonic, depot.monotonic)),
    quality,
  }
}

const sum = (values: readonly (number | null)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0)

/** The lower of the contract's power and what the breaker carries at nominal voltage. */
function connectionLimitW(depot: Depot, root: Circuit): number {
  const breaker = sumPhases(root.ratingA) * root.derate * voltageAt(depot.setup.site, root.id)
  return Math.round(Math.min(root.limitW ?? breaker, breaker))
}

function meterView(depot: Depot, place: MeterPlace): LiveMeter {
  const trust = depot.meters.get(place.id)
  const reading = trust?.reading ?? null
  return {
    id: place.id,
    name: place.name,
    role: place.role,
    circuit: place.circuit,
    quality: trust === undefined ? 'reserve' : meterQuality(trust, depot.monotonic, place.poll),
    reason: trust?.failure?.reason ?? trust?.unproven ?? null,
    measured_at: reading === null ? null : toIso(reading.measuredAt),
    age_ms: reading === null ? null : Math.round(between(reading.measuredAtMonotonic, depot.monotonic)),
    power_w: reading?.powerW ?? null,
    current_a: reported(reading?.currentA),
  }
}

function stationCounts(depot: Depot, evses: readonly LiveEvse[]): LiveSite['stations'] {
  const of = (test: (evse: LiveEvse) => boolean) =>
    new Set(evses.filter(test).map(({ station }) => station)).size
  return {
    total: depot.setup.stations.length,
    online: depot.links.size,
    charging: of(({ transaction, actual_w }) => transaction !== null && (actual_w ?? 0) > 0),
    faulted: of(({ state }) => state === 'faulted'),
    offline_reserved: of(({ online, held_w }) => !online && held_w > 0),
  }
}

function departureViews(depot: Depot, decision: Decision, words: Words): LiveDeparture[] {
  const byVehicle = new Map(decision.evses.map((now) => [now.open?.vehicle ?? null, now]))
  return [...depot.memory.table(departures).values()]
    .filter(({ departureAt }) => departureAt > depot.now)
    .sort((a, b) => a.departureAt - b.departureAt)
    .map((departure) => {
      const now = byVehicle.get(departure.vehicle)
      const what = now === undefined ? null : needAt(depot, now)
      const soc = now?.use.observation.socPct ?? now?.open?.socPct ?? null
      const foreseen = now === undefined || what === null ? null : foreseenOf(depot, now, what)
      const state = foreseen?.state ?? 'no-data'
      const ready = foreseen?.at ?? null
      const needed = departure.socNeededPct
      return {
        vehicle: departure.vehicle,
        departure_at: toIso(departure.departureAt),
        evse: now?.evse.label ?? null,
        soc_pct: soc,
        soc_needed_pct: needed,
        energy_needed_wh: departure.energyNeededWh,
        energy_done_wh:
          now?.open === undefined
            ? null
            : energyTo(now.open, now.use.observation.registerWh ?? now.open.registerWh),
        readiness: state,
        ready_at: ready === null ? null : toIso(ready),
        sentence: departureSentence({
          connected: now !== undefined,
          soc,
          estimated: now !== undefined && depot.socs.get(now.evse.key)?.estimated === true,
          when: now === undefined ? null : whenOf(depot, now, words),
          needed,
          energy: energyWords(now, departure.energyNeededWh),
          state,
          ready: ready === null ? null : words.time(ready),
        }),
      }
    })
}

function energyWords(now: EvseNow | undefined, neededWh: number | null): string | null {
  if (neededWh === null || now?.open === undefined) return null
  const done = energyTo(now.open, now.use.observation.registerWh ?? now.open.registerWh)
  return `${(done / 1000).toFixed(1)} of ${(neededWh / 1000).toFixed(1)} kWh`
}

/** Stations report every few seconds to a minute; what was said two minutes ago is told with its time. */
const PRESENT = minutes(2)

/** When the vehicle was last heard of; null for just now. */
function whenOf(depot: Depot, { evse, use }: EvseNow, words: Words): string | null {
  const last = use.observation.reports.at(-1)
  if (last === undefined) return 'when last heard of'
  const present = depot.links.has(evse.station) && between(last.receivedAt, depot.now) <= PRESENT
  return present ? null : `at ${words.time(last.receivedAt)}`
}

function underTest({ conformance: { now: run } }: Depot): Pick<LiveSite, 'conformance'> {
  if (run === null) return {}
  const { station, evse } = run.evse
  const conformance = { station, evse, step: run.current, done: run.steps.length, steps_total: STEPS.length }
  return { conformance }
}
