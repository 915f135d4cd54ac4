import fc from 'fast-check'
import { expect, test } from 'vitest'
import { verdictOn } from './proves.ts'

const drawn = fc.nat(100)
const holds = (double: (n: number) => number, n: number) => (n === 0 ? null : double(n) === 2 * n)

test('a mutant is found out only where the property fails on it', () => {
  expect(verdictOn((n: number) => n + 2, { drawn, holds })).toBe('found out')
  expect(verdictOn((n: number) => n + n, { drawn, holds })).toBe('not found out')
})

test('a mutant that merely throws is not found out', () => {
  const throwing = (n: number): number => {
    if (n > 10) throw new RangeError('too much')
    return 2 * n
  }
  expect(verdictOn(throwing, { drawn, holds })).toBe('threw, and was not found out: too much')
})
