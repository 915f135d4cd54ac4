import { as, type CircuitId } from '@busbar/model/ids.ts'
import { watts } from '@busbar/units/electricity.ts'
import { fromIso, minutes } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { activeLimits } from './agreed-limits.ts'
import type { AgreedLimit, Hours } from './site.ts'
import { utcOffsets } from './utc-offset.ts'

const limit = (hours?: Hours): AgreedLimit => ({
  circuit: as<CircuitId>('grid'),
  origin: 'contract',
  direction: 'import',
  limit: { limit_w: watts(50_000) },
  ...(hours && { hours }),
})
const EVERY = [0, 1, 2, 3, 4, 5, 6]
const at = (time: string, zone = 'Etc/UTC') => {
  const instant = fromIso(time)
  return { at: instant, utcOffset: utcOffsets(zone)(instant) }
}
const holds = (hours: Hours | undefined, time: string, zone?: string): boolean =>
  activeLimits([limit(hours)], at(time, zone)).length === 1

describe('an agreed limit', () => {
  test('without hours holds always', () => {
    expect(holds(undefined, '2026-11-23T03:00:00Z')).toBe(true)
  })

  const evening = { from: 17 * 60, to: 20 * 60, days: [0, 1, 2, 3, 4] }
  test.each([
    ['2026-11-23T16:59:59Z', false],
    ['2026-11-23T17:00:00Z', true],
    ['2026-11-23T19:59:59Z', true],
    ['2026-11-23T20:00:00Z', false],
    ['2026-11-27T18:00:00Z', true],
    ['2026-11-28T18:00:00Z', false],
  ])('from 17:00 to 20:00 on weekdays at %s holds: %s', (time, held) => {
    expect(holds(evening, time)).toBe(held)
  })

  const night = { from: 22 * 60, to: 6 * 60, days: [4] }
  test.each([
    ['2026-11-27T21:59:00Z', false],
    ['2026-11-27T22:00:00Z', true],
    ['2026-11-28T05:59:00Z', true],
    ['2026-11-28T06:00:00Z', false],
    ['2026-11-28T22:30:00Z', false],
    ['2026-11-27T05:00:00Z', false],
  ])('from Friday 22:00 to 06:00 at %s holds: %s', (time, held) => {
    expect(holds(night, time)).toBe(held)
  })

  test('follows the clocks of its zone', () => {
    expect(holds(evening, '2026-11-23T16:30:00Z', 'Europe/Berlin')).toBe(true)
    expect(holds(evening, '2026-07-20T15:30:00Z', 'Europe/Berlin')).toBe(true)
    expect(holds(evening, '2026-07-20T18:30:00Z', 'Europe/Berlin')).toBe(false)
  })

  test('that begins and ends at the same time lasts a whole day', () => {
    const sunday = { from: 8 * 60, to: 8 * 60, days: [6] }
    expect(
      ['2026-11-22T07:59:00Z', '2026-11-22T08:00:00Z', '2026-11-23T07:59:00Z', '2026-11-23T08:00:00Z'].map(
        (time) => holds(sunday, time),
      ),
    ).toEqual([false, true, true, false])
  })

  test('holds in every minute of the day that some band covers, and of a whole week exactly its share', () => {
    const start = fromIso('2026-11-23T00:00:00Z')
    const held = Array.from(
      { length: 7 * 24 * 60 },
      (_, minute) =>
        activeLimits([limit({ from: 600, to: 120, days: EVERY })], {
          at: (start + minute * minutes(1)) as typeof start,
          utcOffset: minutes(0),
        }).length,
    )
    expect(held.reduce((sum, each) => sum + each, 0)).toBe(7 * 16 * 60)
  })

  test('holds whatever its hours while the clock is not to be trusted', () => {
    expect(activeLimits([limit(evening), limit(night)], null)).toHaveLength(2)
  })
})
