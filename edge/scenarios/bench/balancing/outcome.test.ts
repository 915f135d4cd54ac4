import { expect, test } from 'vitest'
import { Outcome } from './outcome.ts'

test.each<[string, number | null, boolean]>([
  ['holds at its floor', 0.9, true],
  ['fails below it', 0.89, false],
  ['fails when it is missing', null, false],
  ['fails when it is no number', Number.NaN, false],
])('a figure of a run %s', (_what, value, well) => {
  const outcome = new Outcome()
  outcome.say = () => undefined
  if (value !== null) outcome.figure('share', value)
  outcome.floors({ share: 0.9 })
  expect(outcome.end('test')).toBe(well)
})
