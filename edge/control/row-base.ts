import { PHASES, type Phase, perPhase } from '@busbar/units/per-phase.ts'
import { between } from '@busbar/units/time.ts'
import type { MeterQuality } from '../domain/facts.ts'
import { signedBase } from '../domain/load-balancing/base-load.ts'
import { neutralOf } from '../domain/load-balancing/row-list.ts'
import { quantityId, quantityOf, type Row } from '../domain/load-balancing/rows.ts'
import type { SnapshotRow } from '../domain/load-balancing/snapshot.ts'
import { idleLoad, rowLoads, worstBase } from '../domain/load-balancing/worst-base.ts'
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

/** What is measured of the circuit's other loads, mA and W. */
interface Known {
  /** The highest of the window; below 0 while more is given out than taken in. */
  readonly counted: (kind: Phase | 'power') => number
  readonly sources: SourceReserve
}

function circuitBase(depot: Depot, row: Row, quality: MeterQuality | null): number {
  const circuit = depot.setup.site.circuits.get(row.circuit)
  if (circuit === undefined) return row.limit
  const worst = rowLoads(depot.wiring.otherLoads.get(row.circuit))
  const worstOf = (kind: Phase | 'power') => (kind === 'power' ? worst.powerW : worst.currentMa[kind])
  const counted = (kind: Phase | 'power'): number => {
    const base = depot.bases.get(quantityId(row.circuit, kind))
    return base === undefined ? worstOf(kind) : signedBase(base)
  }
  const sources = reserveOf(depot, circuit)
  const unmeasured = worstBase(row, { circuit, worst, sourcesW: sources.total.powerW })
  if (quality === null) return unmeasured
  const measured = measuredBase(row, circuit, { counted, sources })
  const trusted = quality === 'live' || quality === 'hold'
  return trusted ? measured : Math.max(measured, unmeasured)
}

/**
 * What is measured, and on what must never be exceeded also what the source that would be missed most gives just now:
 * a cloud or a tripped inverter takes it away faster than vehicles follow. On a bus the sources' whole output flows past
 * the breaker, so that all of it counts.
 */
function measuredBase(row: Row, circuit: Circuit, { counted, sources }: Known): number {
  const protects = row.duty === 'protect'
  const { reserve, total } = sources
  const phase = (of: Phase): number => {
    const extra = row.loadsOnly ? total.currentMa[of] : protects ? reserve.currentMa[of] : 0
    return Math.max(0, counted(of) + extra)
  }
  switch (row.kind) {
    case 'power':
      return Math.max(0, counted('power') + (protects ? reserve.powerW : 0))
    case 'export':
      return -counted('power')
    case 'neutral':
      return neutralOf(perPhase(phase), circuit.neutral)
    case 'unbalance':
      return row.between === undefined ? 0 : phase(row.between[0]) - phase(row.between[1])
    case 'modules':
      return 0
    default:
      return phase(row.kind)
  }
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
