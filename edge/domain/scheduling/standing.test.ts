import type { EvseKey } from '@busbar/model/ids.ts'
import { as } from '@busbar/model/ids.ts'
import { describe, expect, test } from 'vitest'
import { plainEvse, plainRow, plainSnapshot } from '../load-balancing/plain-snapshot.ts'
import { keepable } from './keepable.ts'
import { canBeReady, laxityHours, standingOf, type Want } from './standing.ts'
import { withStanding } from './with-standing.ts'

const key = (name: string) => as<EvseKey>(name)
const want = (of: Partial<Want>): Want => ({ energyLeftWh: 5000, hoursLeft: 4, bestW: 7000, ...of })
const READY = { aim: 'ready', periodH: 0.25 } as const

describe('the standing of a vehicle', () => {
  test('one that can wait is owed nothing; one that cannot is owed what keeps it able to be ready', () => {
    expect(standingOf(want({}), READY)).toMatchObject({ mustW: 0, deferred: true })
    // 1 h at 7 kW is left for 6.5 kWh: a quarter of an hour later there would be room for 5.25.
    const tight = standingOf(want({ energyLeftWh: 6500, hoursLeft: 1 }), READY)
    expect(tight.mustW).toBeCloseTo(5000)
    expect(tight.deferred).toBe(false)
  })

  test('one that cannot be ready whatever it gets is owed nothing and stands behind its equals that can', () => {
    const hopeless = want({ energyLeftWh: 8000, hoursLeft: 1 })
    expect(canBeReady(hopeless)).toBe(false)
    expect(laxityHours(hopeless)).toBeLessThan(0)
    const standing = standingOf(hopeless, READY)
    expect(standing).toMatchObject({ mustW: 0, deferred: true })
    expect(standing.weight).toBeLessThan(standingOf(want({ hoursLeft: 1 }), READY).weight)
    expect(standing.weight).toBeGreaterThan(0)
  })

  test('a shortfall within the tolerance is none', () => {
    expect(canBeReady(want({ energyLeftWh: 7050, hoursLeft: 1 }))).toBe(false)
    expect(canBeReady(want({ energyLeftWh: 7050, hoursLeft: 1, toleranceWh: 100 }))).toBe(true)
  })

  test('less time to spare weighs more for energy, an earlier departure more for readiness', () => {
    const energy = { aim: 'energy', periodH: 0.25 } as const
    expect(standingOf(want({ hoursLeft: 1 }), energy).weight).toBeGreaterThan(
      standingOf(want({ hoursLeft: 9 }), energy).weight,
    )
    expect(standingOf(want({ hoursLeft: 2 }), READY).weight).toBeGreaterThan(
      standingOf(want({ hoursLeft: 9 }), READY).weight,
    )
  })
})

describe('promises beside each other', () => {
  const must = (name: string, level: number, energyLeftWh: number) => ({
    key: key(name),
    level,
    energyLeftWh,
  })

  test('where not all fit, those who need least are kept, so that more are ready', () => {
    const snapshot = plainSnapshot(
      [plainRow('r', 40_000)],
      ['a', 'b', 'c'].map((name) => plainEvse(name, [0])),
    )
    const kept = keepable(snapshot, [
      must('a', 30_000, 9000),
      must('b', 16_000, 2000),
      must('c', 20_000, 1000),
    ])
    expect([...kept].sort()).toEqual([key('b'), key('c')])
  })

  test('a higher tier is kept first, and what cannot be steered is counted', () => {
    const evses = [
      plainEvse('a', [0], { tier: 2 }),
      plainEvse('b', [0], { tier: 1 }),
      plainEvse('lost', [0], { steerable: false, expected: 10_000 }),
    ]
    const snapshot = plainSnapshot([plainRow('r', 40_000)], evses)
    const kept = keepable(snapshot, [
      must('a', 16_000, 1000),
      must('b', 20_000, 9000),
      must('lost', 10_000, 1),
    ])
    expect([...kept]).toEqual([key('b')])
  })

  test('a snapshot with standings promises whole set-points, and defers whose promise cannot be kept', () => {
    const evses = [plainEvse('a', [0]), plainEvse('b', [0]), plainEvse('c', [0], { weight: 2 })]
    const snapshot = plainSnapshot([plainRow('r', 32_000)], evses)
    const wants = new Map([
      [key('a'), want({ energyLeftWh: 7000, hoursLeft: 1 })],
      [key('b'), want({ energyLeftWh: 6900, hoursLeft: 1 })],
    ])
    const [a, b, c] = withStanding(snapshot, wants, READY).evses
    // 6.6 kW of 6.9 must flow now: 28.7 A, so 29.
    expect(b).toMatchObject({ guarantee: 29_000, deferred: false })
    expect(a).toMatchObject({ deferred: true })
    expect(a?.guarantee).toBeUndefined()
    expect(c).toEqual(evses[2])
  })
})
