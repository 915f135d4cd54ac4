import { PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { MeterReading } from '../../domain/inputs.ts'
import type { LiveBinding, LiveCircuit, LiveConductor } from '../../domain/live-site.ts'
import { freshReport } from '../../domain/load-balancing/observation.ts'
import { type Level, loadAt, unitOf } from '../../domain/load-balancing/rows.ts'
import { quantityLoad } from '../../domain/load-balancing/wiring.ts'
import { feedsOf, worstOtherLoads } from '../../domain/site/feeding.ts'
import { meterQuality } from '../../domain/site/meter-trust.ts'
import type { Circuit, Site } from '../../domain/site/site.ts'
import type { Depot } from '../depot.ts'
import { isPhase } from '../measured.ts'
import type { Decision } from '../tick.ts'
import type { EvseNow } from '../use.ts'
import { explanationsOf } from './explained.ts'
import { acPowerW, drawnLevel, heldLevel } from './held.ts'
import { operatingLimitView } from './manual-view.ts'
import { firstWord, rowName } from './words.ts'

const toA = (milliamps: number): number => Math.round(milliamps / 100) / 10

export function circuitView(
  depot: Depot,
  circuit: Circuit,
  { decision, binding }: { decision: Decision; binding: LiveBinding | null },
): LiveCircuit {
  const first = depot.rows.findIndex((row) => row.circuit === circuit.id)
  const below = decision.evses.filter(({ evse }) => depot.wiring.above.get(evse.key)?.includes(first))
  const draws = below.map((now) => drawnLevel(depot, now))
  const reading = presentReading(depot, circuit)
  // What stations say is the whole only where nothing else hangs there.
  const known = !draws.includes(null) && feedsOnlyEvses(depot.setup.site, circuit)
  return {
    id: circuit.id,
    name: circuit.name,
    note: circuit.note,
    parent: circuit.parent,
    kind: circuit.parent === null ? 'grid' : parentIsRoot(depot, circuit) ? 'feeder' : 'circuit',
    rating_a: Math.min(...PHASES.map((phase) => circuit.ratingA[phase])),
    power_w:
      reading?.powerW ??
      (known
        ? Math.round(below.reduce((sum, now, index) => sum + acPowerW(depot, now, draws[index] ?? 0), 0))
        : null),
    conductors: PHASES.map((phase) => conductor(depot, { circuit, phase, decision, below })),
    binding: binding?.circuit === circuit.id,
    operating_limit: operatingLimitView(depot, circuit.id),
  }
}

/** The circuit's meter's word, as long as it tells of the present. */
function presentReading(depot: Depot, { meter }: Circuit): MeterReading | undefined {
  const place = meter === null ? undefined : depot.setup.site.meters.get(meter)
  const trust = place && depot.meters.get(place.id)
  if (place === undefined || trust == null || trust.reading === null) return undefined
  const quality = meterQuality(trust, depot.monotonic, place.poll)
  return quality === 'live' || quality === 'hold' ? trust.reading : undefined
}

function feedsOnlyEvses(site: Site, circuit: Circuit): boolean {
  const { currentA, powerW } = worstOtherLoads(site, circuit)
  const below = (other: Circuit): boolean =>
    other.id === circuit.id ||
    feedsOf(other).some((feed) => {
      const parent = site.circuits.get(feed.circuit)
      return parent !== undefined && below(parent)
    })
  const fed = [...site.circuits.values()].some((other) => other.source !== undefined && below(other))
  return powerW === 0 && PHASES.every((phase) => currentA[phase] === 0) && !fed
}

const parentIsRoot = (depot: Depot, circuit: Circuit): boolean =>
  circuit.parent !== null && depot.setup.site.circuits.get(circuit.parent)?.parent === null

function conductor(
  depot: Depot,
  of: { circuit: Circuit; phase: Phase; decision: Decision; below: readonly EvseNow[] },
): LiveConductor {
  const { circuit, phase, decision, below } = of
  const index = depot.rows.findIndex((row) => row.circuit === circuit.id && row.kind === phase)
  const row = decision.snapshot.rows[index]
  const drawn = below.map((now) => ({ loads: now.loads, level: phaseLevel(depot, now, phase) }))
  const vehicles = quantityLoad(depot.wiring, index, drawn)
  const held = quantityLoad(
    depot.wiring,
    index,
    below.map((now) => ({ loads: now.loads, level: heldLevel(depot, now) })),
  )
  const measured = presentReading(depot, circuit)?.currentA?.[phase]
  return {
    phase,
    building_a: toA(row?.base ?? 0),
    vehicles_a: toA(vehicles),
    held_a: toA(held),
    limit_a: toA(row?.limit ?? 0),
    measured_a: measured === undefined ? null : Math.round(measured * 10) / 10,
  }
}

/** What an EVSE draws: on this conductor where it reports conductors, else as a whole. */
function phaseLevel(depot: Depot, now: EvseNow, phase: Phase): Level {
  const reportedMa =
    now.evse.current === 'ac'
      ? freshReport(now.use.observation, depot.monotonic)?.currentMa[phase]
      : undefined
  return reportedMa ?? drawnLevel(depot, now) ?? 0
}

/** The fullest row that keeps an EVSE below what it asks for. */
export function bindingView(
  depot: Depot,
  decision: Decision,
  next: { vehicle: string; at: string } | null,
): LiveBinding | null {
  const counts = new Map<number, number>()
  for (const { cause } of explanationsOf(depot, decision).values())
    if (cause.kind === 'row') counts.set(cause.row, (counts.get(cause.row) ?? 0) + 1)
  const [most] = [...counts].sort(([rowA, a], [rowB, b]) => b - a || rowA - rowB)
  const row = most === undefined ? undefined : decision.snapshot.rows[most[0]]
  if (most === undefined || row === undefined) return null
  const load = decision.snapshot.evses.reduce((sum, evse) => {
    const c = evse.loads.find((candidate) => candidate.row === most[0])
    return c === undefined ? sum : sum + loadAt(c, evse.hold)
  }, row.base)
  const name = depot.setup.site.circuits.get(row.circuit)?.name ?? row.circuit
  const power = unitOf(row) === 'W'
  const plain = row.duty === 'protect' && row.station === undefined && row.loadsOnly === undefined
  const amount = power
    ? `${(load / 1000).toFixed(1)} of ${(row.limit / 1000).toFixed(0)} kW`
    : `${Math.round(load / 1000)} of ${Math.round(row.limit / 1000)} A`
  const vehicles = most[1]
  const leaves = next === null ? '' : `; ${next.vehicle} leaves first, at ${next.at}`
  return {
    circuit: row.circuit,
    name,
    row: row.kind,
    load: power ? load : toA(load),
    limit: power ? row.limit : toA(row.limit),
    unit: power ? 'W' : 'A',
    vehicles,
    headline:
      plain && isPhase(row.kind)
        ? `${name}, phase ${row.kind.toUpperCase()} sets the pace`
        : `${rowName(depot, row)} sets the pace`,
    sentence: `${amount} given out. ${firstWord(vehicles)} ${vehicles === 1 ? 'vehicle would take more' : 'vehicles share it'}${leaves}.`,
  }
}
