import type { MeterReading } from '../domain/inputs.ts'
import type { Row } from '../domain/load-balancing/rows.ts'

/**
 * What the meter says of a row, mA or W; null when it does not tell. Power is signed; a current loads its conductor
 * whichever way it flows.
 */
export function measuredOn(row: Row, reading: MeterReading): number | null {
  const value = row.kind === 'power' ? reading.powerW : reading.currentA?.[row.kind]
  if (value === undefined || !Number.isFinite(value)) return null
  return Math.ceil(row.kind === 'power' ? value : Math.abs(value) * 1000)
}
