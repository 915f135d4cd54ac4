import { as, type EvseKey } from '@busbar/model/ids.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasTimeToWait, type InPlan, waitsForH } from './cheaper.ts'
import type { PlanVehicle } from './plan-problem.ts'

/** Nothing in two slots that are dear, then 10 kWh in each of two that are cheap. */
const plan: InPlan = {
  corridor: { byWh: [0, 0, 10_000, 20_000], shortWh: 0, needWh: 20_000, bestW: 40_000 },
  sinceH: 0,
  leftWh: 20_000,
  prices: [0.4, 0.4, 0.1, 0.1],
  priceNow: 0.4,
}

describe('a vehicle waits', () => {
  test.each<[string, Partial<InPlan>, number | null]>([
    ['until the first slot in which it gets anything', {}, 0.5],
    ['less the later it is', { sinceH: 0.4 }, 0.1],
    ['no longer once that slot has come', { sinceH: 0.5 }, null],
    ['not for what costs the same', { prices: [0.4, 0.4, 0.4, 0.4] }, null],
    ['not once it costs less now already', { priceNow: 0.1 }, null],
    ['not when it is behind its plan', { sinceH: 0.75, leftWh: 15_000 }, null],
    ['further when it is ahead of it', { leftWh: 9_000 }, 0.75],
    ['not when it has what it needs', { leftWh: 0 }, null],
    ['not past the end of the plan', { sinceH: 1 }, null],
  ])('%s', (_, change, expected) => {
    const waits = waitsForH({ ...plan, ...change })
    expect(waits === null ? null : Math.round(waits * 100) / 100).toBe(expected)
  })
})

const vehicle = (of: Partial<PlanVehicle>): PlanVehicle => ({
  key: as<EvseKey>('A/1'),
  loads: [],
  wattsPerLevel: 1,
  bestW: 50_000,
  needWh: 60_000,
  slots: 20,
  tier: 1,
  battery: { socPct: 20, Wh: 300_000 },
  ...of,
})

describe('a vehicle has time to wait', () => {
  test.each<[string, Partial<PlanVehicle>, { takesW: number; pressed: boolean }, boolean]>([
    [
      'when what it takes fills it with a quarter of an hour to spare',
      {},
      { takesW: 14_000, pressed: false },
      true,
    ],
    ['and not with less', {}, { takesW: 13_500, pressed: false }, false],
    ['once it was pressed, only with an hour', {}, { takesW: 14_000, pressed: true }, false],
    ['not while nobody saw it take anything', {}, { takesW: 0, pressed: false }, false],
    [
      'less when it fills up to the end, where it takes less',
      { battery: { socPct: 80, Wh: 300_000 } },
      { takesW: 30_000, pressed: false },
      false,
    ],
    ['less when nobody knows its battery', { battery: null }, { takesW: 14_000, pressed: false }, false],
  ])('%s', (_, of, seen, expected) => {
    expect(hasTimeToWait(vehicle(of), seen)).toBe(expected)
  })

  test('more of it the more it takes and the less it needs', () => {
    fc.assert(
      fc.property(
        fc.nat(60),
        fc.nat(60_000),
        fc.nat(100_000),
        fc.nat(100),
        (slots, takesW, needWh, socPct) => {
          const of = vehicle({ slots, needWh, battery: { socPct, Wh: 300_000 } })
          if (!hasTimeToWait(of, { takesW, pressed: false })) return
          expect(hasTimeToWait(of, { takesW: takesW + 100, pressed: false })).toBe(true)
          expect(hasTimeToWait({ ...of, needWh: needWh / 2 }, { takesW, pressed: false })).toBe(true)
          expect(slots * 0.25).toBeGreaterThan(needWh / takesW)
        },
      ),
      { seed: 3 },
    )
  })
})
