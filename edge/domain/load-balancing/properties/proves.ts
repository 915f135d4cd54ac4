import { messageOf } from '@busbar/model/depot-error.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allocate } from '../allocate.ts'
import { type Allocator, MUTANTS, type Mutant } from './mutants.ts'

/** One seed for all. */
const SEED = 20_261_201
const MUTANT_RUNS = 400

/** What is proved of a subject over what is drawn: false where it does not hold, null where it says nothing. */
export interface Property<S, T> {
  readonly drawn: fc.Arbitrary<T>
  readonly holds: (subject: S, drawn: T) => boolean | null
  readonly runs?: number
}

/**
 * A property that holds, and that was seen to fail: the same check finds each of the mutants out. It must also say
 * something of most that is drawn, or of the part given.
 */
export function provesOf<S, T>(
  sentence: string,
  { drawn, holds, runs = 150 }: Property<S, T>,
  { subject, mutants, saying = 0.5 }: { subject: S; mutants: Readonly<Record<string, S>>; saying?: number },
): void {
  test(sentence, () => {
    let said = 0
    const property = fc.property(drawn, (each) => {
      const answer = holds(subject, each)
      if (answer !== null) said++
      return answer !== false
    })
    fc.assert(property, { seed: SEED, numRuns: runs, endOnFailure: true })
    expect(said / runs).toBeGreaterThanOrEqual(saying)
    expect(Object.keys(mutants).length).toBeGreaterThan(0)
    for (const [name, mutant] of Object.entries(mutants)) {
      expect([name, verdictOn(mutant, { drawn, holds })]).toEqual([name, 'found out'])
    }
  })
}

/** Found out by the property alone: a mutant that merely throws has broken nothing that is proved. */
export function verdictOn<S, T>(
  mutant: S,
  { drawn, holds }: Pick<Property<S, T>, 'drawn' | 'holds'>,
): string {
  let thrown: string | null = null
  const property = fc.property(drawn, (each) => {
    try {
      return holds(mutant, each) !== false
    } catch (error) {
      thrown ??= messageOf(error)
      return true
    }
  })
  const { failed } = fc.check(property, { seed: SEED, numRuns: MUTANT_RUNS, endOnFailure: true })
  if (failed) return 'found out'
  return thrown === null ? 'not found out' : `threw, and was not found out: ${thrown}`
}

/** `provesOf` for the allocator, against mutants by name. */
export function proves<T>(
  sentence: string,
  property: Property<Allocator, T>,
  { foundOut, saying }: { foundOut: readonly Mutant[]; saying?: number },
): void {
  const mutants = Object.fromEntries(foundOut.map((name) => [name, MUTANTS[name]]))
  provesOf(sentence, property, { subject: allocate, mutants, ...(saying === undefined ? {} : { saying }) })
}
