import { type PerPhase, perPhase } from '@busbar/units/per-phase.ts'
import type { OtherLoads } from '../site/feeding.ts'
import type { Cabinet, Circuit } from '../site/site.ts'
import { neutralOf } from './row-list.ts'
import type { Row } from './rows.ts'

/** Loads in the units of rows: mA per conductor and W. */
export interface RowLoads {
  readonly currentMa: PerPhase<number>
  readonly powerW: number
}

export const rowLoads = (loads: OtherLoads | undefined): RowLoads => ({
  currentMa: perPhase((phase) => (loads?.currentA[phase] ?? 0) * 1000),
  powerW: loads?.powerW ?? 0,
})

/**
 * What other loads put on a circuit's row at worst, where nothing measures: all of them at once and no credit for any
 * source; on an export row all that sources can give.
 */
export function worstBase(
  row: Row,
  { circuit, worst, sourcesW }: { circuit: Circuit; worst: RowLoads; sourcesW: number },
): number {
  switch (row.kind) {
    case 'power':
      return worst.powerW
    case 'export':
      return sourcesW
    case 'neutral':
      return neutralOf(worst.currentMa, circuit.neutral)
    case 'unbalance':
      return row.between === undefined ? 0 : worst.currentMa[row.between[0]]
    case 'modules':
      return 0
    default:
      return worst.currentMa[row.kind]
  }
}

/** A cabinet's fans and electronics, which it takes with no vehicle. */
export function idleLoad(row: Row, { idleW }: Cabinet, lowV: number): number {
  if (row.kind === 'modules') return 0
  return row.kind === 'power' ? idleW : (idleW * 1000) / (3 * lowV)
}
