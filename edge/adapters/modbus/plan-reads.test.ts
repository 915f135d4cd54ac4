import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planReads, type Span } from './plan-reads.ts'

const holding = (addr: number, words: number): Span => ({ functionCode: 3, addr, words })

test('neighbours and small holes are read in one request', () => {
  expect(planReads([holding(10, 2), holding(12, 2), holding(30, 1)], 60)).toEqual([
    { functionCode: 3, addr: 10, count: 21 },
  ])
})

test('a value that no longer fits begins the next request', () => {
  expect(planReads([holding(0, 2), holding(2, 2), holding(4, 4)], 7)).toEqual([
    { functionCode: 3, addr: 0, count: 4 },
    { functionCode: 3, addr: 4, count: 4 },
  ])
})

test('holding and input registers are never read together', () => {
  expect(planReads([holding(0, 2), { functionCode: 4, addr: 2, words: 2 }], 60)).toHaveLength(2)
})

const spans = fc
  .array(
    fc.record({ gap: fc.nat(80), words: fc.constantFrom(1, 2, 4), functionCode: fc.constantFrom(3, 4) }),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((steps) => {
    let addr = 0
    return steps.map(({ gap, words, functionCode }): Span => {
      const start = addr + gap
      addr = start + words
      return { functionCode: functionCode === 3 ? 3 : 4, addr: start, words }
    })
  })

test('any plan covers every value whole, within the limit, beginning and ending on values', () => {
  fc.assert(
    fc.property(spans, fc.integer({ min: 4, max: 125 }), (wanted, maxRead) => {
      const blocks = planReads(wanted, maxRead)
      const inside = (span: Span) =>
        blocks.filter(
          ({ functionCode, addr, count }) =>
            functionCode === span.functionCode && span.addr >= addr && span.addr + span.words <= addr + count,
        )
      for (const span of wanted) expect(inside(span)).toHaveLength(1)
      for (const { functionCode, addr, count } of blocks) {
        expect(count).toBeLessThanOrEqual(maxRead)
        const own = wanted.filter((span) => span.functionCode === functionCode)
        expect(own.some((span) => span.addr === addr)).toBe(true)
        expect(own.some((span) => span.addr + span.words === addr + count)).toBe(true)
      }
    }),
  )
})

test('no plan with fewer requests exists', () => {
  // The fewest by trying: from each value on, every possible end of the request that begins there.
  const fewest = (ordered: readonly Span[], maxRead: number, from = 0): number => {
    const first = ordered[from]
    if (!first) return 0
    const ends = ordered.flatMap((last, index) =>
      index >= from && last.addr + last.words - first.addr <= maxRead ? [index] : [],
    )
    return 1 + Math.min(...ends.map((end) => fewest(ordered, maxRead, end + 1)))
  }
  fc.assert(
    fc.property(spans, fc.integer({ min: 8, max: 60 }), (wanted, maxRead) => {
      const own = wanted.filter((span) => span.functionCode === 3).slice(0, 8)
      expect(planReads(own, maxRead)).toHaveLength(fewest(own, maxRead))
    }),
  )
})
