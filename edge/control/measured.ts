import type { CircuitId } from '@busbar/model/ids.ts'
import { PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { MeterReading } from '../domain/inputs.ts'
import type { Row } from '../domain/load-balancing/rows.ts'
import type { Depot } from './depot.ts'
import { reserveOf } from './sources.ts'

export const isPhase = (kind: Row['kind']): kind is Phase => PHASES.some((phase) => phase === kind)

/** Whether what a row carries is what its circuit's meter reads. */
export const isMeasured = (row: Row): row is Row & { kind: Phase | 'power' } =>
  row.station === undefined && row.loadsOnly === undefined && (row.kind === 'power' || isPhase(row.kind))

/** The measured quantity that a row's coefficients tell the draw of. */
export function measuredBy(row: Row): Phase | 'power' | null {
  if (row.kind === 'export') return 'power'
  return isMeasured(row) ? row.kind : null
}

/**
 * What the meter says of a quantity, mA or W; null when it does not tell. Power is signed; a current loads its conductor
 * whichever way it flows, and counts as given out only where a source is known to do that.
 */
export function measuredOn(
  depot: Depot,
  { circuit, quantity, reading }: { circuit: CircuitId; quantity: Phase | 'power'; reading: MeterReading },
): number | null {
  const value = quantity === 'power' ? reading.powerW : reading.currentA?.[quantity]
  if (value === undefined || !Number.isFinite(value)) return null
  if (quantity === 'power') return Math.ceil(value)
  const current = Math.ceil(Math.abs(value) * 1000)
  return givenOut(depot, { circuit, phase: quantity, reading, current }) ? -current : current
}

/**
 * Whether a current flows out: the meter says so, and measured sources below give at least as much. A meter that is
 * wired the wrong way round must not make loads look like room.
 */
function givenOut(
  depot: Depot,
  of: { circuit: CircuitId; phase: Phase; reading: MeterReading; current: number },
): boolean {
  if (!((of.reading.phasePowerW?.[of.phase] ?? 0) < 0) || !depot.wiring.sources.has(of.circuit)) return false
  const { total, measured } = reserveOf(depot, { id: of.circuit })
  return measured && total.currentMa[of.phase] >= of.current
}
