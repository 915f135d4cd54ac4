import type { MeterId } from '@busbar/model/ids.ts'
import { between, type Monotonic } from '@busbar/units/time.ts'
import type { MeterFailure, MeterReading } from '../inputs.ts'
import type { MeterPart, MeterTrust } from './meter-trust.ts'
import { sumOf, type Term } from './virtual-values.ts'

/** How a virtual meter follows from others. A difference is the first less the second. */
export type Formula =
  | { readonly kind: 'sum'; readonly of: readonly MeterId[] }
  | { readonly kind: 'difference'; readonly of: readonly [MeterId, MeterId] }
  | { readonly kind: 'scaled'; readonly of: readonly [MeterId]; readonly factor: number }

export type Virtual =
  | { readonly reading: Omit<MeterReading, 'meter'> }
  | { readonly failure: Pick<MeterFailure, 'code' | 'reason'> }

/** Inputs that lie further apart than this many of the slowest one's periods give no output. */
const PERIODS_APART = 2

/**
 * What a virtual meter reads now: measured when its oldest input was. No output while an input is missing or the inputs
 * lie too far apart. @see metering.md 9 virtual meters
 */
export function virtualReading(formula: Formula, inputs: readonly MeterPart[]): Virtual {
  const readings: MeterReading[] = []
  for (const { meter, trust } of inputs) {
    if (trust.reading === null) return failed('no-input', `its input ${meter} has given no reading`)
    readings.push(trust.reading)
  }
  const [first, ...others] = readings
  if (first === undefined) return failed('no-input', 'it has no input')
  const oldest = others.reduce(
    (old, next) => (next.measuredAtMonotonic < old.measuredAtMonotonic ? next : old),
    first,
  )
  const newest = Math.max(...readings.map(({ measuredAtMonotonic }) => measuredAtMonotonic)) as Monotonic
  const apart = between(oldest.measuredAtMonotonic, newest)
  if (apart > PERIODS_APART * Math.max(...inputs.map(({ poll }) => poll)))
    return failed(
      'inputs-apart',
      `its inputs lie ${(apart / 1000).toFixed(1)} s apart; ${oldest.meter} is the oldest`,
    )
  const { measuredAt, measuredAtMonotonic } = oldest
  return { reading: { measuredAt, measuredAtMonotonic, ...sumOf(termsOf(formula, readings)) } }
}

/**
 * How a virtual meter stands once one of its inputs has changed. Without an output the last reading stays and ages; it
 * recovers when all its inputs have.
 */
export function virtualTrust(
  of: { readonly meter: MeterId; readonly formula: Formula; readonly now: Monotonic },
  before: MeterTrust,
  parts: readonly MeterPart[],
): MeterTrust {
  const { meter, formula, now } = of
  const virtual = virtualReading(formula, parts)
  const failed = parts.find(({ trust }) => trust.failure !== null)
  const ofInput = failed?.trust.failure && {
    meter,
    at: failed.trust.failure.at,
    code: failed.trust.failure.code,
    reason: `${failed.meter}: ${failed.trust.failure.reason}`,
  }
  return {
    since: before.since,
    parts,
    good: Math.min(...parts.map(({ trust }) => trust.good)),
    recovering: parts.some(({ trust }) => trust.recovering),
    reading: 'reading' in virtual ? { meter, ...virtual.reading } : before.reading,
    failure: ofInput ?? ('failure' in virtual ? { meter, at: now, ...virtual.failure } : null),
  }
}

const failed = (code: string, reason: string): Virtual => ({ failure: { code, reason } })

const termsOf = (formula: Formula, readings: readonly MeterReading[]): readonly Term[] =>
  readings.map((values, index) => ({
    values,
    times: formula.kind === 'scaled' ? formula.factor : formula.kind === 'difference' && index === 1 ? -1 : 1,
  }))

/** A virtual meter that cannot be computed, and why. */
export interface VirtualFault {
  readonly meter: MeterId
  readonly reason: string
}

/** What stands in the way of computing: unknown inputs, and meters that would follow from themselves. */
export function virtualFaults(formulas: ReadonlyMap<MeterId, Formula | null>): readonly VirtualFault[] {
  return [...formulas].flatMap(([meter, formula]) => {
    if (formula === null) return []
    const unknown = formula.of.filter((input) => !formulas.has(input))
    if (unknown.length > 0) return [{ meter, reason: `its input "${unknown.join('", "')}" does not exist` }]
    if (new Set(formula.of).size < formula.of.length) return [{ meter, reason: 'it names an input twice' }]
    return leavesOf(meter, formulas) === null ? [{ meter, reason: 'it follows from itself' }] : []
  })
}

/** The real meters a meter follows from, itself if it is one; null when it follows from itself. */
export function leavesOf(
  meter: MeterId,
  formulas: ReadonlyMap<MeterId, Formula | null>,
  above: readonly MeterId[] = [],
): readonly MeterId[] | null {
  if (above.includes(meter)) return null
  const formula = formulas.get(meter) ?? null
  if (formula === null) return [meter]
  const leaves: MeterId[] = []
  for (const input of formula.of) {
    const below = leavesOf(input, formulas, [...above, meter])
    if (below === null) return null
    leaves.push(...below)
  }
  return leaves
}
