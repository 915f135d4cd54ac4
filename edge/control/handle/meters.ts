import type { CircuitId, MeterId } from '@busbar/model/ids.ts'
import { type PerPhase, PHASES } from '@busbar/units/per-phase.ts'
import type { InputOf, MeterReading, Submitted } from '../../domain/inputs.ts'
import { countedBase, type DrawBounds, nextBase } from '../../domain/load-balancing/base-load.ts'
import { quantityId } from '../../domain/load-balancing/rows.ts'
import { heard, type MeterTrust, missed, suspected, unheard } from '../../domain/site/meter-trust.ts'
import type { MeterPlace } from '../../domain/site/site.ts'
import type { Depot } from '../depot.ts'
import { drawBounds } from '../draw.ts'
import { measuredBy, measuredOn } from '../measured.ts'
import { type Doubt, examine, examineFailure } from '../meters/examine.ts'
import { evsesNow } from '../use.ts'
import { deriveVirtual } from './virtual-meters.ts'

/** A reading moves the base load of its circuit's rows; one above a row's limit asks for a tick at once. */
export function meterReading(depot: Depot, input: InputOf<'meter-reading'>): Submitted<'meter-reading'> {
  const place = depot.setup.site.meters.get(input.meter)
  if (place === undefined) return { outcome: undefined, durable: Promise.resolve() }
  const watch = depot.watches.get(place.id)
  const doubt = watch === undefined ? null : examine(depot, watch, input)
  depot.meters.set(place.id, trustAfter(trustOf(depot, place.id), { place, reading: input, doubt }))
  if (doubt === null) {
    if (!depot.wiring.transformed.has(place.circuit)) depot.voltages.note(input)
    noteDemand(depot, input)
    use(depot, place, input)
  } else useDoubted(depot, place, { reading: input, doubt })
  deriveVirtual(depot, input.meter, use)
  return { outcome: undefined, durable: Promise.resolve() }
}

function use(depot: Depot, place: MeterPlace, reading: MeterReading): void {
  const measuresCircuit = depot.setup.site.circuits.get(place.circuit)?.meter === place.id
  if (measuresCircuit && moveBases(depot, place.circuit, reading)) depot.urge()
  const sample = { source: { meter: place.id }, at: reading.measuredAt, values: rawValues(reading) }
  depot.recorder.note([], [sample])
}

/** A reading that cannot stand is kept as such, and at most takes room away. */
function useDoubted(depot: Depot, place: MeterPlace, of: { reading: MeterReading; doubt: Doubt }): void {
  const { reading, doubt } = of
  const measuresCircuit = depot.setup.site.circuits.get(place.circuit)?.meter === place.id
  if (doubt.mayLower && measuresCircuit && moveBases(depot, place.circuit, reading, 'up')) depot.urge()
  const values = rawValues(reading, 'suspect')
  depot.recorder.note([], [{ source: { meter: place.id }, at: reading.measuredAt, values }])
}

function trustAfter(
  trust: MeterTrust,
  { place, reading, doubt }: { place: MeterPlace; reading: MeterReading; doubt: Doubt | null },
): MeterTrust {
  if (doubt === null) return heard(trust, reading, place.poll)
  const { check: code, reason } = doubt
  const failure = { meter: place.id, at: reading.measuredAtMonotonic, code, reason }
  return suspected(trust, failure, doubt.since)
}

function noteDemand(
  { demand }: Depot,
  { meter, measuredAtMonotonic: at, powerW, importWh }: MeterReading,
): void {
  if (demand === null || demand.circuit.meter !== meter) return
  demand.meter.take({
    at,
    ...(powerW === undefined ? {} : { powerW }),
    ...(importWh === undefined ? {} : { importWh }),
  })
}

/** Other loads that rise by more than this share of a row in one reading are answered at once. */
const SUDDEN = 0.01

/**
 * Whether a row of the circuit is above its limit, measured or counted, or may be by what is counted of its EVSEs
 * because its other loads rose suddenly.
 */
function moveBases(
  depot: Depot,
  circuit: CircuitId,
  reading: MeterReading,
  way: 'both' | 'up' = 'both',
): boolean {
  const evses = evsesNow(depot)
  const moved = new Set<string>()
  let over = false
  for (const [index, row] of depot.rows.entries()) {
    if (row.circuit !== circuit) continue
    const quantity = measuredBy(row)
    const measured = quantity === null ? null : measuredOn(depot, { circuit, quantity, reading })
    if (quantity === null || measured === null) continue
    const id = quantityId(circuit, quantity)
    const before = countedOf(depot, id)
    if (!moved.has(id)) moveBase(depot, { id, measured, draw: drawBounds(depot, index, evses), way, reading })
    moved.add(id)
    const counted = countedOf(depot, id)
    const sudden = counted - before > SUDDEN * row.limit
    over ||= row.kind !== 'export' && (sudden || measured > row.limit || counted > row.limit)
  }
  return over
}

function moveBase(
  { bases }: Depot,
  of: { id: string; measured: number; draw: DrawBounds; way: 'both' | 'up'; reading: MeterReading },
): void {
  const { id, measured, draw, way, reading } = of
  const before = bases.get(id)
  const base = nextBase(before, { measured, draw, at: reading.measuredAtMonotonic })
  if (way === 'both' || base.estimate > (before?.estimate ?? Number.NEGATIVE_INFINITY)) bases.set(id, base)
}

function countedOf({ bases }: Depot, id: string): number {
  const base = bases.get(id)
  return base === undefined ? 0 : countedBase(base)
}

export function meterFailure(depot: Depot, input: InputOf<'meter-failure'>): Submitted<'meter-failure'> {
  const { meter, at, code, reason } = input
  if (depot.setup.site.meters.has(meter)) {
    depot.meters.set(meter, missed(trustOf(depot, meter), { meter, at, code, reason }))
    const watch = depot.watches.get(meter)
    if (watch !== undefined) examineFailure(depot, watch, { meter, at, code, reason })
    deriveVirtual(depot, meter, use)
  }
  return { outcome: undefined, durable: Promise.resolve() }
}

const trustOf = (depot: Depot, meter: MeterId): MeterTrust =>
  depot.meters.get(meter) ?? unheard(depot.startedAt)

/** Phases that a meter reported, for the views. */
export const reported = (values: Partial<PerPhase<number>> | undefined): PerPhase<number | null> => ({
  l1: values?.l1 ?? null,
  l2: values?.l2 ?? null,
  l3: values?.l3 ?? null,
})

const rawValues = (reading: MeterReading, quality?: 'suspect'): string =>
  JSON.stringify({
    quality,
    power_w: reading.powerW,
    current_a:
      reading.currentA && Object.fromEntries(PHASES.map((phase) => [phase, reading.currentA?.[phase]])),
    voltage_v: reading.voltageV,
    phase_power_w: reading.phasePowerW,
    frequency_hz: reading.frequencyHz,
    import_wh: reading.importWh,
    export_wh: reading.exportWh,
  })
