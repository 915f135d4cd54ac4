import { type Monotonic, seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { nextWake, type Seen, type Wake } from './wake.ts'

/** A vehicle at 16 A, seen once a second; each entry is [limit A, draw A or null for silence, for how many seconds]. */
type Spell = readonly [limitA: number, drawA: number | null, s: number]

function follow(spells: readonly Spell[], of: Partial<Seen> = {}): Wake | null {
  let now = 0
  let wake: Wake | null = null
  for (const [limitA, drawA, s] of spells)
    for (let n = 0; n < s; n++) {
      now += seconds(1)
      const at = now as Monotonic
      wake = nextWake(wake, {
        now: at,
        limit: limitA * 1000,
        min: 6000,
        draw: drawA === null ? null : { level: drawA * 1000, at },
        content: false,
        ...of,
      })
    }
  return wake
}

const CHARGES: Spell = [16, 16, 5]
const PAUSE: Spell = [0, 0, 30]

describe('a vehicle', () => {
  test.each<[string, readonly Spell[], Wake['state'] | null, number]>([
    ['that never drew is not judged', [[16, 0, 300]], null, 0],
    ['that charges charges', [CHARGES], 'charging', 0],
    ['that stops by itself is not asleep', [CHARGES, [16, 0, 300]], 'charging', 0],
    ['is paused by a limit below its minimum', [CHARGES, [5, 0, 3]], 'paused', 0],
    ['has a minute to wake', [CHARGES, PAUSE, [16, 0, 60]], 'offered', 0],
    ['that does not wake is nudged', [CHARGES, PAUSE, [16, 0, 61]], 'nudged', 1],
    ['that wakes charges again', [CHARGES, PAUSE, [16, 0, 40], [16, 16, 1]], 'charging', 0],
    ['is offered anew after the nudge', [CHARGES, PAUSE, [16, 0, 61], [0, 0, 12], [16, 0, 5]], 'offered', 1],
    [
      'that wakes after a nudge charges again',
      [CHARGES, PAUSE, [16, 0, 61], [0, 0, 12], [16, 0, 5], [16, 9, 1]],
      'charging',
      0,
    ],
    [
      'sleeps when two nudges did not wake it',
      [CHARGES, PAUSE, [16, 0, 61], [0, 0, 12], [16, 0, 61], [0, 0, 12], [16, 0, 62]],
      'asleep',
      2,
    ],
    [
      'sleeps no more once it draws',
      [CHARGES, PAUSE, [16, 0, 61], [0, 0, 12], [16, 0, 61], [0, 0, 12], [16, 0, 62], [16, 8, 1]],
      'charging',
      0,
    ],
    ['that reports nothing is not judged', [CHARGES, PAUSE, [16, null, 300]], 'offered', 0],
  ])('%s', (_sentence, spells, state, tries) => {
    const wake = follow(spells)
    expect(wake?.state ?? null).toBe(state)
    expect(wake?.tries ?? 0).toBe(tries)
  })

  test('that has all it needs may sleep', () => {
    expect(follow([CHARGES, PAUSE, [16, 0, 300]], { content: true })?.state).toBe('offered')
  })
})
