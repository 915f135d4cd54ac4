import { describe, expect, it } from 'vitest'
import { doubtfulFall } from './fall.ts'
import { RATING, readingAt } from './readings.test-kit.ts'

describe('a change from one sample to the next', () => {
  it.each([
    { from: 80, to: 20, s: 1, doubted: true, says: 'a fall by 60 % is doubted' },
    { from: 80, to: 35, s: 1, doubted: false, says: 'a fall by 45 % is not' },
    { from: 20, to: 95, s: 1, doubted: false, says: 'a rise of any size counts at once' },
    { from: 20, to: 20, s: 1, doubted: false, says: 'a second sample confirms' },
    { from: 80, to: 20, s: 6, doubted: false, says: 'over a gap nothing is said' },
  ])('$says', ({ from, to, s, doubted }) => {
    expect(doubtfulFall(readingAt(0, from), readingAt(s, to), RATING) !== null).toBe(doubted)
  })

  it('is doubted on one conductor alone', () => {
    const before = readingAt(0, 70)
    const now = readingAt(1, 70)
    const fallen = { ...now, currentA: { ...before.currentA, l2: readingAt(0, 5).currentA?.l2 } }
    expect(doubtfulFall(before, fallen as typeof now, RATING)).toContain('current L2 fell by 65 A')
  })
})
