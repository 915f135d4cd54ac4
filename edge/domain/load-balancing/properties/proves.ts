import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allocate } from '../allocate.ts'
import type { SiteSnapshot } from '../snapshot.ts'
import { type Allocator, MUTANTS, type Mutant } from './mutants.ts'

/** One seed for all. */
const SEED = 20_261_201
const MUTANT_RUNS = 400

/** What is proved over drawn sites: it throws, or answers false, where it does not hold. Null where it says nothing. */
export interface Property<T = SiteSnapshot> {
  readonly drawn: fc.Arbitrary<T>
  readonly holds: (allocator: Allocator, drawn: T) => boolean | null
  readonly runs?: number
}

/**
 * A property that holds, and that was seen to fail: the same check finds each of these mutated allocators out. It must
 * also say something of most sites that are drawn, or of the part given.
 */
export function proves<T>(
  sentence: string,
  property: Property<T>,
  { foundOut, saying = 0.5 }: { foundOut: readonly Mutant[]; saying?: number },
): void {
  const { drawn, holds, runs = 150 } = property
  test(sentence, () => {
    let said = 0
    const parameters = { seed: SEED, numRuns: runs, endOnFailure: true }
    fc.assert(
      fc.property(drawn, (each) => {
        const answer = holds(allocate, each)
        if (answer !== null) said++
        return answer !== false
      }),
      parameters,
    )
    expect(said / runs).toBeGreaterThanOrEqual(saying)
    for (const name of foundOut) {
      const check = fc.check(
        fc.property(drawn, (each) => holds(MUTANTS[name], each) !== false),
        { ...parameters, numRuns: MUTANT_RUNS },
      )
      expect([name, check.failed ? 'found out' : 'not found out']).toEqual([name, 'found out'])
    }
  })
}
