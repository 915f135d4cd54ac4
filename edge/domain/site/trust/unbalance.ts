import { type PerPhase, PHASES } from '@busbar/units/per-phase.ts'
import type { MeterRating } from './rating.ts'

/** The current in a neutral conductor that three loads of like power factor leave, A. */
export const neutralA = ({ l1, l2, l3 }: PerPhase<number>): number =>
  Math.sqrt(Math.max(0, l1 * l1 + l2 * l2 + l3 * l3 - l1 * l2 - l2 * l3 - l3 * l1))

/**
 * Why the conductors are too unlike, or null.
 * @param limitA most difference between two conductors, where one is set
 */
export function unbalanceFault(
  currentA: Partial<PerPhase<number>> | undefined,
  rating: MeterRating,
  limitA: number | null,
): string | null {
  if (currentA?.l1 === undefined || currentA.l2 === undefined || currentA.l3 === undefined) return null
  // A transformer the wrong way round is found otherwise; here only how much flows counts.
  const [l1, l2, l3] = [Math.abs(currentA.l1), Math.abs(currentA.l2), Math.abs(currentA.l3)]
  const apart = Math.max(l1, l2, l3) - Math.min(l1, l2, l3)
  if (limitA !== null && apart > limitA)
    return `conductors differ by ${apart.toFixed(0)} A, ${limitA} A are allowed`
  const neutral = neutralA({ l1, l2, l3 })
  const most = Math.min(...PHASES.map((phase) => rating.currentA[phase]))
  return neutral > most ? `the neutral carries about ${neutral.toFixed(0)} A, rated ${most} A` : null
}
