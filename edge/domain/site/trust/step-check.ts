import { type PerPhase, PHASES, type Phase, perPhase } from '@busbar/units/per-phase.ts'

/** A known load's step and what the meter made of it, W on each conductor. */
export interface LoadStep {
  readonly expectedW: PerPhase<number>
  readonly measuredW: PerPhase<number>
}

/** Meter input by the conductor whose load it sees. */
export type SeenAt = PerPhase<Phase>

/**
 * What a step tells of the wiring. `fits`: every conductor that stepped did so in place and import positive; `ratio` is
 * measured over expected. Else what is suspected: which input sees which conductor, which are turned round.
 */
export type StepVerdict =
  | { readonly kind: 'fits'; readonly ratio: number }
  | {
      readonly kind: 'wrong'
      readonly map: SeenAt
      readonly reversed: readonly Phase[]
      readonly ratio: number
      readonly text: string
    }
  | { readonly kind: 'unclear'; readonly text: string }

interface Hypothesis {
  readonly map: SeenAt
  readonly reversed: readonly Phase[]
  /** Only the transformers are in the wrong place: they measure against a voltage a third of a turn away. */
  readonly onlyCurrents: boolean
}

/** What of the step may stay unexplained, as a share of it. */
const RESIDUE = 0.15
/** Ratios that are no measuring error but another transformer. */
const RATIO_ERROR = 0.1
const THIRD_OF_A_TURN = -0.5

/**
 * Finds the simplest wiring under which the meter would have read what it read.
 * @see metering.md 6.5: swapped or reversed transformers are the most frequent fault
 */
export function checkStep(step: LoadStep): StepVerdict {
  const size = norm(step.expectedW)
  if (size === 0) return { kind: 'unclear', text: 'no load stepped' }
  const fitting = HYPOTHESES.map((hypothesis) => ({ hypothesis, ...fitted(hypothesis, step) }))
    .filter(({ residue, ratio }) => residue <= RESIDUE && ratio > 0)
    .sort((a, b) => mistakes(a) - mistakes(b) || a.residue - b.residue)
  const [best] = fitting
  if (best === undefined)
    return { kind: 'unclear', text: `the meter read ${words(step.measuredW)} W instead` }
  const { hypothesis, ratio } = best
  if (mistakes(best) === 0) return { kind: 'fits', ratio }
  const { map, reversed } = hypothesis
  return { kind: 'wrong', map, reversed, ratio, text: told(hypothesis, ratio) }
}

/** How many steps in a row must tell of the same wrong wiring. */
const ALIKE = 2
/** Loads that nobody tells of move the ratio of a step by as much as they move: another transformer reads the same again and again. */
const RATIOS_ALIKE = 5
const RATIO_BAND = 0.05
/** As many verdicts as are worth keeping. */
export const KEPT_VERDICTS = RATIOS_ALIKE

/** Whether the newest of these verdicts, oldest first, is of a wrong wiring that those before it tell alike. */
export function surelyWrong(verdicts: readonly StepVerdict[]): boolean {
  const last = verdicts.at(-1)
  if (last?.kind !== 'wrong') return false
  const inPlace = moved(last).length === 0 && last.reversed.length === 0
  const needed = inPlace ? RATIOS_ALIKE : ALIKE
  const alike = (other: StepVerdict): boolean =>
    other.kind === 'wrong' &&
    PHASES.every((phase) => other.map[phase] === last.map[phase]) &&
    other.reversed.join() === last.reversed.join() &&
    (!inPlace || Math.abs(other.ratio / last.ratio - 1) <= RATIO_BAND)
  return verdicts.length >= needed && verdicts.slice(-needed).every(alike)
}

/** How much the meter would have read under a hypothesis at the ratio that suits best, and what stays unexplained. */
function fitted(
  hypothesis: Hypothesis,
  { expectedW, measuredW }: LoadStep,
): { readonly ratio: number; readonly residue: number } {
  const predicted = perPhase((input) => gain(hypothesis, input) * expectedW[hypothesis.map[input]])
  const square = PHASES.reduce((sum, phase) => sum + predicted[phase] ** 2, 0)
  const ratio = PHASES.reduce((sum, phase) => sum + predicted[phase] * measuredW[phase], 0) / square
  const left = norm(perPhase((phase) => measuredW[phase] - ratio * predicted[phase]))
  return { ratio, residue: left / (Math.abs(ratio) * Math.sqrt(square)) }
}

const gain = ({ map, reversed, onlyCurrents }: Hypothesis, input: Phase): number =>
  (reversed.includes(input) ? -1 : 1) * (onlyCurrents && map[input] !== input ? THIRD_OF_A_TURN : 1)

const MAPS: readonly SeenAt[] = PHASES.flatMap((l1) =>
  PHASES.filter((l2) => l2 !== l1).flatMap((l2) =>
    PHASES.filter((l3) => l3 !== l1 && l3 !== l2).map((l3) => ({ l1, l2, l3 })),
  ),
)
const SIDES: readonly (readonly Phase[])[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
  PHASES.filter((_, index) => (bits & (1 << index)) !== 0),
)
const HYPOTHESES: readonly Hypothesis[] = MAPS.flatMap((map) =>
  SIDES.flatMap((reversed) =>
    [false, true].map((onlyCurrents): Hypothesis => ({ map, reversed, onlyCurrents })),
  ),
)

const moved = ({ map }: Pick<Hypothesis, 'map'>): readonly Phase[] =>
  PHASES.filter((phase) => map[phase] !== phase)
/** Two inputs that changed places are one mistake, and so are all three turned round. */
const mistakes = ({ hypothesis, ratio }: { hypothesis: Hypothesis; ratio: number }): number =>
  Math.max(0, moved(hypothesis).length - 1) +
  (hypothesis.reversed.length === 3 ? 1 : hypothesis.reversed.length) +
  (Math.abs(ratio - 1) > RATIO_ERROR ? 2 : 0)

function told(hypothesis: Hypothesis, ratio: number): string {
  const parts: string[] = []
  const places = moved(hypothesis).map(
    (input) => `${input.toUpperCase()} sees ${hypothesis.map[input].toUpperCase()}`,
  )
  if (places.length > 0) parts.push(`suspected phase map: ${places.join(', ')}`)
  if (hypothesis.reversed.length > 0)
    parts.push(`reversed: ${hypothesis.reversed.map((phase) => phase.toUpperCase()).join(', ')}`)
  if (Math.abs(ratio - 1) > RATIO_ERROR) parts.push(`reads ${ratio.toFixed(2)} times the load`)
  return parts.join('; ')
}

const norm = (values: PerPhase<number>): number => Math.hypot(values.l1, values.l2, values.l3)
const words = (values: PerPhase<number>): string =>
  PHASES.map((phase) => values[phase].toFixed(0)).join(' / ')
