import { type PerPhase, type Phase, perPhase } from '@busbar/units/per-phase.ts'
import type { Transformer } from './site.ts'

/** A current with its angle. */
export interface Phasor {
  readonly re: number
  readonly im: number
}

export const NOTHING: Phasor = { re: 0, im: 0 }
export const plus = (a: Phasor, b: Phasor): Phasor => ({ re: a.re + b.re, im: a.im + b.im })
export const minus = (a: Phasor, b: Phasor): Phasor => ({ re: a.re - b.re, im: a.im - b.im })
export const times = ({ re, im }: Phasor, factor: number): Phasor => ({ re: re * factor, im: im * factor })
export const magnitude = ({ re, im }: Phasor): number => Math.sqrt(re * re + im * im)
/** How far the phasor points into a direction, given as one unit that way. */
export const along = ({ re, im }: Phasor, direction: Phasor): number => re * direction.re + im * direction.im
/** One unit at an angle in degrees. */
export const atAngle = (degrees: number): Phasor => ({
  re: Math.cos((degrees * Math.PI) / 180),
  im: Math.sin((degrees * Math.PI) / 180),
})

/** Angles of the voltages, degrees: each conductor to neutral, in the order l1, l2, l3. */
const TO_NEUTRAL: PerPhase<number> = { l1: 0, l2: -120, l3: 120 }

/** Conductor currents when one ampere flows from each of these conductors to neutral, in phase with its voltage. */
export const lineToNeutral = (active: readonly Phase[]): PerPhase<Phasor> =>
  perPhase((phase) => (active.includes(phase) ? atAngle(TO_NEUTRAL[phase]) : NOTHING))

/** Conductor currents when one ampere flows from one conductor to another, in phase with the voltage between them. */
export function lineToLine(from: Phase, to: Phase): PerPhase<Phasor> {
  const between = minus(atAngle(TO_NEUTRAL[from]), atAngle(TO_NEUTRAL[to]))
  const current = times(between, 1 / magnitude(between))
  return perPhase((phase) => (phase === from ? current : phase === to ? minus(NOTHING, current) : NOTHING))
}

/** The secondary conductor whose winding also hangs on a primary line, by vector group. */
export const DELTA_PAIR: Readonly<Record<'Dyn1' | 'Dyn11', PerPhase<Phase>>> = {
  Dyn11: { l1: 'l3', l2: 'l1', l3: 'l2' },
  Dyn1: { l1: 'l2', l2: 'l3', l3: 'l1' },
}

/** Turns of a primary winding for one of the secondary. A delta winding lies between two lines. */
export const turns = ({ group, ratio }: Transformer): number =>
  group === 'YNyn0' ? ratio : ratio * Math.sqrt(3)

/** The primary line currents that secondary line currents cause. */
export function primaryOf(secondary: PerPhase<Phasor>, transformer: Transformer): PerPhase<Phasor> {
  const n = turns(transformer)
  if (transformer.group === 'YNyn0') return perPhase((phase) => times(secondary[phase], 1 / n))
  const pair = DELTA_PAIR[transformer.group]
  return perPhase((phase) => times(minus(secondary[phase], secondary[pair[phase]]), 1 / n))
}

/** How far the primary's voltages are turned against the secondary's, degrees. */
const TURNED: Readonly<Record<Transformer['group'], number>> = { Dyn1: 30, Dyn11: -30, YNyn0: 0 }

/**
 * W on each conductor above these transformers, when these currents flow below them.
 * @param at.volts to neutral, above
 */
export function activeWatts(
  secondary: PerPhase<Phasor>,
  { through, volts }: { through: readonly Transformer[]; volts: PerPhase<number> },
): PerPhase<number> {
  const lines = through.reduce(primaryOf, secondary)
  const turned = through.reduce((sum, { group }) => sum + TURNED[group], 0)
  return perPhase((phase) => volts[phase] * along(lines[phase], atAngle(TO_NEUTRAL[phase] + turned)))
}
