import { type PerPhase, PHASES } from '@busbar/units/per-phase.ts'

const SHARE = 0.03
const SLACK_A = 2

/**
 * Why what hangs below a meter cannot flow through it, or null.
 * @param below A per conductor that stations and sub-meters draw at least
 * @param most  A per conductor that the meter read at most meanwhile, export negative; absent is not judged
 * @see metering.md 8, tree
 */
export function treeFault(below: PerPhase<number>, most: Partial<PerPhase<number>>): string | null {
  const wrong = PHASES.filter((phase) => {
    const read = most[phase]
    return read !== undefined && below[phase] > read + SHARE * Math.abs(read) + SLACK_A
  })
  if (wrong.length === 0) return null
  const told = wrong.map(
    (phase) =>
      `${phase.toUpperCase()}: ${below[phase].toFixed(0)} A below it, it reads ${(most[phase] ?? 0).toFixed(0)} A`,
  )
  return `phase map, CT or sign: ${told.join('; ')}`
}
