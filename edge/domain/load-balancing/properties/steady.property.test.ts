import fc from 'fast-check'
import { describe } from 'vitest'
import { type BaseOf, bounded, type Change, type Loop, runLoop, STEADY } from './closed-loop.ts'
import { provesOf } from './proves.ts'

/** What many controllers do: the building is the meter less what was told, as if vehicles followed at once. */
const feedback: BaseOf = (_, { measured, told, s }) => {
  const value = Math.max(0, measured - told)
  return bounded(undefined, { measured: value, draw: { low: 0, high: 0 }, told, s })
}

const usual: Loop = { baseOf: bounded, restS: 30 }
const hasty: Loop = { ...usual, baseOf: feedback }

const drawn = fc.integer({ min: 1, max: 100_000 })

/** A change of this much may come from the noise of the meter, mA. */
const NOISE = 3000
const largest = (changes: readonly Change[]): number =>
  Math.max(0, ...changes.filter(({ s }) => s >= STEADY).map(({ from, to }) => Math.abs(to - from)))

describe('a loop of slow vehicles, lost commands and a noisy meter', () => {
  provesOf(
    '14: comes to rest: on a steady site limits move no further than the noise of the meter does',
    {
      drawn,
      holds: (loop: Loop, seed) => largest(runLoop(seed, loop).changes) <= NOISE,
      runs: 12,
    },
    { subject: usual, mutants: { 'takes vehicles to follow at once': hasty } },
  )

  provesOf(
    '13: raises each EVSE at most once in its time of rest',
    {
      drawn,
      holds: (loop: Loop, seed) => {
        const last = new Map<string, number>()
        return runLoop(seed, loop).changes.every(({ key, from, to, s }) => {
          const before = last.get(key) ?? -60
          last.set(key, s)
          return to < from || s - before >= 30
        })
      },
      runs: 6,
    },
    { subject: usual, mutants: { 'knows no rest': { ...usual, restS: 0 } } },
  )

  provesOf(
    '14: carries no more than the limit on a steady site, and leaves little unused where not all fits',
    {
      drawn,
      holds: (loop: Loop, seed) => {
        const { over, use } = runLoop(seed, loop)
        if (over > 0 || (use !== null && use < 0.92)) return false
        return use === null ? null : true
      },
      runs: 12,
    },
    { subject: usual, mutants: { 'takes vehicles to follow at once': hasty }, saying: 0.2 },
  )
})
