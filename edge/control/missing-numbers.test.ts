import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MissingNumbers } from './missing-numbers.ts'

test('what is missing is what was given up and has not come since, as a plain set would tell', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(4), fc.nat(6)), { maxLength: 15 }),
      fc.array(fc.nat(120), { maxLength: 40 }),
      (gaps, late) => {
        const [numbers, plain] = [new MissingNumbers(), new Set<number>()]
        let next = 0
        for (const [heard, gap] of gaps) {
          next += heard
          numbers.add(next, next + gap)
          for (let n = next; n < next + gap; n++) plain.add(n)
          next += gap
        }
        for (const n of late) expect(numbers.take(n)).toBe(plain.delete(n))
        expect(numbers.count).toBe(plain.size)
      },
    ),
    { seed: 7 },
  )
})

test('a gap of any length is one range, and all of it is counted', () => {
  const numbers = new MissingNumbers()
  numbers.add(1, 2_000_000_000)
  expect([numbers.count, numbers.ranges]).toEqual([1_999_999_999, 1])
  expect(numbers.take(1_000_000)).toBe(true)
  expect([numbers.count, numbers.ranges]).toEqual([1_999_999_998, 2])
})

test('a station that leaves out every other number for ever fills no memory, and none is lost from the count', () => {
  const numbers = new MissingNumbers()
  for (let n = 0; n < 20_000; n += 2) numbers.add(n, n + 1)
  expect([numbers.count, numbers.ranges]).toEqual([10_000, 100])
  expect(numbers.take(19_998)).toBe(true)
  expect(numbers.take(0)).toBe(false)
  for (let n = 30_000; n < 40_000; n += 2) expect(numbers.take(n)).toBe(false)
})
