import { expect, test } from 'vitest'
import { counterStep } from './counter.ts'

const step = (before: number, now: number, maxW = Number.POSITIVE_INFINITY) =>
  counterStep({ before, now, ms: 10_000, maxW })

test('a register adds what it rose by, and nothing when it stands', () => {
  expect(step(100, 130)).toBe(30)
  expect(step(100, 100)).toBe(0)
})

test('F17 a register that fell is of another segment, at the wrap of 32 bits too', () => {
  expect(step(100, 99)).toBeNull()
  expect(step(4_294_967_295, 3)).toBeNull()
})

test('a rise above twice what the connection carries is of another segment', () => {
  expect(step(0, 2777, 500_000)).toBe(2777)
  expect(step(0, 42_950_000, 500_000)).toBeNull()
  expect(step(0, 42_950_000)).toBe(42_950_000)
})

test('a register of whole kWh may step by one of them at no load', () => {
  expect(step(5000, 6000, 1000)).toBe(1000)
})
