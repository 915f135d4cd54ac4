import { amps } from '@busbar/units/electricity.ts'
import { instant, milliseconds, monotonic } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { emptyLedger, type StandingLimit } from '../charging/limit-ledger.ts'
import { exampleEvse } from '../site/example-site.ts'
import type { LimitTimes } from './hold.ts'
import { sureLevel } from './sure.ts'

const NOW = monotonic(1_000_000)
const limit = (request: number, a: number, answer: StandingLimit['answer']): StandingLimit => ({
  request,
  limit: { limit_a: amps(a) },
  transaction: null,
  leaseUntil: instant(0),
  answer,
})
const fallback = limit(1, 6, 'accepted')
/** Answered so long ago, s, with a lease of 300 s. */
const since = (ago: number): LimitTimes => ({
  sentAt: monotonic(NOW - ago * 1000),
  answeredAt: monotonic(NOW - ago * 1000),
  lease: milliseconds(300_000),
})
const sure = (standing: readonly StandingLimit[], times: readonly (readonly [number, LimitTimes])[] = []) =>
  sureLevel(
    {
      evse: exampleEvse('A', 'c'),
      ledger: { ...emptyLedger, defaults: [fallback], defaultProven: true, standing },
      times: new Map(times),
    },
    NOW,
  )

describe('what surely raises nothing', () => {
  test.each<[string, readonly StandingLimit[], number]>([
    ['the newest accepted limit', [limit(2, 20, 'accepted'), limit(3, 16, 'accepted')], 16_000],
    ['not a raise that is in flight', [limit(2, 20, 'accepted'), limit(3, 30, 'pending')], 20_000],
    ['not a raise that nobody answered', [limit(2, 20, 'accepted'), limit(3, 30, 'unanswered')], 20_000],
    ['a decrease that nobody answered', [limit(2, 20, 'accepted'), limit(3, 8, 'unanswered')], 8000],
    [
      'the decrease of before a raise',
      [limit(2, 20, 'accepted'), limit(3, 8, 'unanswered'), limit(4, 30, 'pending')],
      8000,
    ],
    ['an accepted raise after a lost one', [limit(2, 30, 'unanswered'), limit(3, 24, 'accepted')], 24_000],
    ['the fallback, where no limit was ever accepted', [limit(2, 30, 'unanswered')], 6000],
  ])('is %s', (_what, standing, level) => {
    expect(sure(standing)).toBe(level)
  })

  test('is the fallback again before the lease of what was accepted can run out', () => {
    const standing = [limit(2, 20, 'accepted'), limit(3, 30, 'unanswered')]
    expect(sure(standing, [[2, since(289)]])).toBe(20_000)
    expect(sure(standing, [[2, since(290)]])).toBe(6000)
  })
})
