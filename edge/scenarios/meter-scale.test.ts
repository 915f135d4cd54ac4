import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { MeterWay } from './meter-ways.ts'
import { TestDepot } from './test-depot.ts'

describe.each<MeterWay>(['tcp', 'rtu'])('F19 a meter over %s that moves its powers of ten', (way) => {
  let test: TestDepot
  afterEach(() => test.stop())

  it('is read with the new ones at once, and stays believed', async () => {
    test = await TestDepot.start({
      ...{ gridA: 140, otherA: 70, feeders: [{ id: 'f1', ratingA: 63 }] },
      ...{ meterWay: way, meterProfile: 'sunspec-203' },
      stations: [{ id: 'A', feeder: 'f1' }],
    })
    const trueW = 28_300
    test.depot.setBuilding(trueW)
    const meter = () => test.live().meters[0]
    await test.until('the meter is live', () => meter()?.quality === 'live', minutes(2))
    const error = () => Math.abs((meter()?.power_w ?? 0) - trueW)
    await test.until('it tells the power as it is', () => error() < 50, minutes(1))
    for (const power of [2, 0, 1]) {
      await test.depot.meter.faults.set({ kind: 'scaleFactor', name: 'W_SF', power })
      const before = meter()?.measured_at
      await test.pass(seconds(2))
      for (let second = 0; second < 5; second += 1) {
        expect(meter()).toMatchObject({ quality: 'live', reason: null })
        expect(error()).toBeLessThanOrEqual(50 + 10 ** power * 2)
        await test.pass(seconds(1))
      }
      expect(meter()?.measured_at).not.toBe(before)
    }
    expect(test.live().incidents).toEqual([])
  })
})
