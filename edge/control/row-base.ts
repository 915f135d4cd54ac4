import { PHASES, type Phase, perPhase } from '@busbar/units/per-phase.ts'
import { between } from '@busbar/units/time.ts'
import type { MeterQuality } from '../domain/facts.ts'
import { signedBase } from '../domain/load-balancing/base-load.ts'
import { neutralOf } from '../domain/load-balancing/row-list.ts'
import { quantityId, quantityOf, type Row } from '../domain/load-balancing/rows.ts'
import type { SnapshotRow } from '../domain/load-balancing/snapshot.ts'
import { idleLoad, type RowLoads, rowLoads, worstBase } from '../domain/load-balancing/worst-base.ts'
import { meterQuality, qualityAtAge } from '../domain/site/meter-trust.ts'
import type { Circuit } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'
import { reserveOf, type SourceReserve } from './sources.ts'

/** A row with the load that is no EVSE's, and what its meter's standing allows. */
export function snapshotRow(depot: Depot, row: Row, quality: MeterQuality | null): SnapshotRow {
  const base = Math.ceil(
    row.station === undefined ? circuitBase(depot, row, quality) : cabinetBase(depot, row),
  )
  const fought = depot.ladders.fights(quantityOf(row))
  return {
    ...row,
    base,
    capacity: row.limit - base,
    mayRise: (quality === null || quality === 'live') && !fought,
    mayStart: quality !== 'hold' && !fought,
  }
}

function cabinetBase({ setup, voltages }: Depot, row: Row): number {
  const cabinet = setup.site.cabinets?.find(({ station }) => station === row.station)
  return cabinet === undefined ? 0 : idleLoad(row, cabinet, voltages.bounds.lowV)
}

/** What is known of the circuit's other loads, mA and W. */
interface Known {
  readonly worst: RowLoads
  /** The highest of the window, below 0 while more is given out than taken in; null before anything was measured. */
  readonly measured: (kind: Phase | 'power') => number | null
  readonly sources: SourceReserve
}

function circuitBase(depot: Depot, row: Row, quality: MeterQuality | null): number {
  const circuit = depot.setup.site.circuits.get(row.circuit)
  if (circuit === undefined) return row.limit
  const worst = rowLoads(depot.wiring.otherLoads.get(row.circuit))
  const sources = reserveOf(depot, circuit)
  const unmeasured = worstBase(row, { circuit, worst, sourcesW: sources.total.powerW })
  if (quality === null) return unmeasured
  const measured = (kind: Phase | 'power'): number | null => {
    const base = depot.bases.get(quantityId(row.circuit, kind))
    return base === undefined ? null : signedBase(base)
  }
  const counted = countedOn(row, circuit, { worst, measured, sources })
  const trusted = quality === 'live' || quality === 'hold'
  return trusted ? counted : Math.max(counted, unmeasured)
}

function countedOn(row: Row, circuit: Circuit, known: Known): number {
  const phase = (of: Phase): number => extended(row, of, known)
  switch (row.kind) {
    case 'export':
      return -(known.measured('power') ?? -known.sources.total.powerW)
    case 'neutral':
      return neutralOf(perPhase(phase), circuit.neutral)
    case 'unbalance':
      return row.between === undefined ? 0 : phase(row.between[0]) - phase(row.between[1])
    case 'modules':
      return 0
    default:
      return extended(row, row.kind, known)
  }
}

/**
 * What is measured, and on what must never be exceeded also what the source that would be missed most gives just now:
 * a cloud or a tripped inverter takes it away faster than vehicles follow. On a bus the sources' whole output flows past
 * the breaker, so that all of it counts. The worst, where nothing was measured, has no source in it.
 */
function extended(row: Row, kind: Phase | 'power', { worst, measured, sources }: Known): number {
  const of = (loads: RowLoads) => (kind === 'power' ? loads.powerW : loads.currentMa[kind])
  const now = measured(kind)
  if (now === null) return of(worst)
  const missed = row.loadsOnly ? of(sources.total) : row.duty === 'protect' ? of(sources.reserve) : 0
  return Math.max(0, now + missed)
}

const WORSE: readonly MeterQuality[] = ['live', 'hold', 'reserve', 'static']

/** What the meter's word on a row is worth: its own standing or the age of what the row needs; null without a meter. */
export function qualityOf(depot: Depot, row: Row): MeterQuality | null {
  if (row.station !== undefined) return null
  const meter = depot.setup.site.circuits.get(row.circuit)?.meter ?? null
  const place = meter === null ? undefined : depot.setup.site.meters.get(meter)
  const trust = meter === null ? undefined : depot.meters.get(meter)
  if (place === undefined || trust === undefined) return null
  let worst = meterQuality(trust, depot.monotonic, place.poll)
  for (const kind of neededBy(row)) {
    const last = depot.bases.get(quantityId(row.circuit, kind))?.recent.at(-1)
    if (last === undefined) continue
    const own = qualityAtAge(between(last.at, depot.monotonic), place.poll)
    if (WORSE.indexOf(own) > WORSE.indexOf(worst)) worst = own
  }
  return worst
}

function neededBy(row: Row): readonly (Phase | 'power')[] {
  if (row.kind === 'neutral') return PHASES
  if (row.kind === 'unbalance') return row.between ?? []
  if (row.kind === 'modules') return []
  return [row.kind === 'export' ? 'power' : row.kind]
}
