import { amps, percent, wattHours, watts } from '@busbar/units/electricity.ts'
import { instant, monotonic } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { EvseSample } from '../inputs.ts'
import { exampleEvse } from '../site/example-site.ts'
import type { Evse } from '../site/site.ts'
import {
  forgetVehicle,
  freshReport,
  kept,
  type Observation,
  observe,
  tolerated,
  unobserved,
} from './observation.ts'

const ac = exampleEvse('A', 'c', { phases: ['l2', 'l3', 'l1'] })
const at = (s: number) => monotonic(s * 1000)
/** The station's own phases, A. */
const drawing = (l1: number, l2?: number, l3?: number): Partial<EvseSample> => ({
  currentA: {
    l1: amps(l1),
    ...(l2 === undefined ? {} : { l2: amps(l2) }),
    ...(l3 === undefined ? {} : { l3: amps(l3) }),
  },
})
interface Seen {
  readonly s: number
  readonly sample: Partial<EvseSample>
}
function after(evse: Evse, inForceA: number, ...seen: readonly Seen[]): Observation {
  return seen.reduce<Observation>(
    (observation, { s, sample }) =>
      observe(
        observation,
        { time: { at: instant(0), stated: null, clock: 'estimated' }, ...sample },
        { evse, inForce: inForceA * 1000, takenAt: at(s), now: at(s), receivedAt: instant(s * 1000) },
      ),
    unobserved,
  )
}
const every10 = (sample: Partial<EvseSample>, from = 0, to = 30): Seen[] =>
  [0, 10, 20, 30].filter((s) => s >= from && s <= to).map((s) => ({ s, sample }))

describe('a report', () => {
  test("is told in the site's conductors, by the station's wiring", () => {
    const last = freshReport(after(ac, 16, { s: 0, sample: drawing(10, 11, 12) }), at(0))
    expect(last).toMatchObject({ currentMa: { l2: 10_000, l3: 11_000, l1: 12_000 }, level: 12_000 })
  })

  test('leaves out a conductor that the station leaves out, and counts it never as 0', () => {
    const last = freshReport(after(ac, 16, { s: 0, sample: drawing(10) }), at(0))
    expect(last?.currentMa).toEqual({ l2: 10_000 })
  })

  test('of a DC station tells its output, rounded up', () => {
    const dc = exampleEvse('D', 'c', { dcW: 150_000 })
    const last = freshReport(after(dc, 60, { s: 0, sample: { powerW: watts(40_000.2) } }), at(0))
    expect(last).toMatchObject({ level: 40_001, powerW: 40_000.2 })
  })

  test('without a value tells nothing of the draw', () => {
    expect(freshReport(after(ac, 16, { s: 0, sample: {} }), at(0))?.level).toBeNull()
  })

  test('says nothing of the present after half a minute', () => {
    const seen = after(ac, 16, { s: 0, sample: drawing(10) })
    expect(freshReport(seen, at(30))).not.toBeNull()
    expect(freshReport(seen, at(30.001))).toBeNull()
  })

  test('keeps the last register and state of charge when it tells none', () => {
    const seen = after(
      ac,
      16,
      { s: 0, sample: { registerWh: wattHours(5), socPct: percent(40) } },
      { s: 1, sample: {} },
    )
    expect(seen).toMatchObject({ registerWh: 5, socPct: 40 })
  })

  test('whatever time the station states, counts from when it was received', () => {
    const seen = after(
      ac,
      16,
      ...every10(drawing(10, 0, 0)).map(({ s, sample }) => ({
        s,
        sample: {
          ...sample,
          time: { at: instant(0), stated: '1970-01-01T00:00:00Z', clock: 'estimated' as const },
        },
      })),
    )
    expect(seen.usedPhases).toEqual(['l2'])
  })
})

describe('the conductors a vehicle uses', () => {
  test.each<[string, Observation, readonly string[] | null]>([
    [
      'are unknown before half a minute of current',
      after(ac, 16, ...every10(drawing(10, 0, 0), 0, 20)),
      null,
    ],
    [
      'are those that carried more than 1 A for half a minute',
      after(ac, 16, ...every10(drawing(10, 0.9, 0))),
      ['l2'],
    ],
    ['are all when all did', after(ac, 16, ...every10(drawing(10, 10, 10))), ['l1', 'l2', 'l3']],
    [
      'begin anew after a pause',
      after(
        ac,
        16,
        { s: 0, sample: drawing(10, 0, 0) },
        { s: 10, sample: drawing(0, 0, 0) },
        { s: 30, sample: drawing(10, 0, 0) },
      ),
      null,
    ],
    [
      'include one that carries current when the first is proven',
      after(ac, 16, ...every10(drawing(10, 0, 0), 0, 20), { s: 30, sample: drawing(10, 9, 0) }),
      ['l2', 'l3'],
    ],
    [
      'include at once one that carries current later',
      after(ac, 16, ...every10(drawing(10, 0, 0)), { s: 31, sample: drawing(10, 0, 9) }),
      ['l1', 'l2'],
    ],
    [
      'are never fewer once they were used',
      after(ac, 16, ...every10(drawing(10, 10, 10)), { s: 90, sample: drawing(10, 0, 0) }),
      ['l1', 'l2', 'l3'],
    ],
    [
      'are all while the station reports only one of them',
      after(ac, 16, ...every10(drawing(10))),
      ['l1', 'l2', 'l3'],
    ],
    ['are forgotten with the vehicle', forgetVehicle(after(ac, 16, ...every10(drawing(10, 0, 0)))), null],
  ])('%s', (_sentence, { usedPhases }, phases) => {
    expect(usedPhases).toEqual(phases)
  })
})

describe('a draw above the limit', () => {
  test.each([
    [6, 7, 7.1],
    [16, 17, 17.1],
    [32, 33.6, 33.7],
  ])('of %d A is borne up to %d A and held from %d A on', (limit, borne, held) => {
    expect(kept(after(ac, limit, { s: 0, sample: drawing(borne) }), at(0))).toBe(0)
    expect(kept(after(ac, limit, { s: 0, sample: drawing(held) }), at(0))).toBe(held * 1000)
    expect(tolerated(limit * 1000)).toBe(borne * 1000)
  })

  test('is held at its highest for five minutes after it was last seen', () => {
    const seen = after(
      ac,
      10,
      { s: 0, sample: drawing(20) },
      { s: 100, sample: drawing(15) },
      { s: 200, sample: drawing(5) },
    )
    expect(kept(seen, at(399))).toBe(20_000)
    expect(kept(seen, at(401))).toBe(0)
  })

  test('is remembered when the vehicle leaves', () => {
    expect(kept(forgetVehicle(after(ac, 10, { s: 0, sample: drawing(20) })), at(1))).toBe(20_000)
  })
})

describe('a vehicle that leaves room unused', () => {
  test.each<[string, Observation, number | null]>([
    [
      'is noticed since it began',
      after(
        ac,
        16,
        { s: 0, sample: drawing(16) },
        { s: 10, sample: drawing(10) },
        { s: 20, sample: drawing(9) },
      ),
      10,
    ],
    ['is not noticed within 1 A', after(ac, 16, { s: 0, sample: drawing(15.2) }), null],
    [
      'is cleared when it takes all again',
      after(ac, 16, { s: 0, sample: drawing(10) }, { s: 10, sample: drawing(16) }),
      null,
    ],
    ['is not noticed when the report tells no draw', after(ac, 16, { s: 0, sample: {} }), null],
  ])('%s', (_sentence, { slackSince }, s) => {
    expect(slackSince).toBe(s === null ? null : at(s))
  })
})
