import { as, type VehicleId } from '@busbar/model/ids.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { later, minutes } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FeederWatch } from './feeder-watch.ts'
import { FEEDER_A, FOUR, fourOnAFeeder } from './four-on-a-feeder.ts'
import type { TestDepot } from './test-depot.ts'

const TARGET_W = 60_000

describe('a demand target below what four vehicles and the building take', () => {
  let test: TestDepot
  let feeder: FeederWatch
  beforeEach(async () => {
    const of = await fourOnAFeeder(FOUR, {
      startMs: Date.UTC(2026, 10, 21, 17, 56),
      instead: {
        site: {
          nominal_voltage_v: 230,
          circuits: [
            { id: 'grid', name: 'Grid connection', rating_a: 250, other_loads_a: 60 },
            { id: 'f1', name: 'f1', parent: 'grid', rating_a: FEEDER_A, other_loads_a: 0 },
          ],
          demand_target_kw: TARGET_W / 1000,
        },
      },
    })
    test = of.test
    feeder = of.feeder
  })
  afterEach(() => test.stop())

  const demand = () => {
    const { demand: now } = test.live()
    if (now === null) throw new Error('no demand window')
    return now
  }

  /** Mean power of every window that ends in this time, W. */
  async function windows(minutesLong: number): Promise<readonly number[]> {
    const means: number[] = []
    let before = demand()
    await test.pass(minutes(minutesLong), () => {
      feeder.look()
      const now = demand()
      if (now.window_start !== before.window_start) means.push(before.so_far_w)
      before = now
    })
    return means
  }

  it('is kept in each window and nearly used up, and the feeder stays within its rating', async () => {
    const means = (await windows(38)).slice(1)
    expect(means).toHaveLength(2)
    for (const mean of means) {
      expect(mean).toBeLessThanOrEqual(TARGET_W)
      expect(mean).toBeGreaterThan(0.93 * TARGET_W)
    }
    expect(feeder.mostA).toBeLessThanOrEqual(FEEDER_A)
  }, 90_000)

  it('gives way to vehicles that would else not be ready, and no rating does', async () => {
    test.edge.control.submit({
      type: 'departures-set',
      by: 'Ada',
      departures: FOUR.map((id) => ({
        vehicle: as<VehicleId>(`v-${id}`),
        departureAt: later(test.clock.now(), minutes(60)),
        energyNeededWh: wattHours(20_000),
        socNeededPct: null,
      })),
    })
    const means = (await windows(23)).slice(1)
    expect(means[0]).toBeGreaterThan(1.2 * TARGET_W)
    expect(feeder.mostA).toBeLessThanOrEqual(FEEDER_A)
    expect(feeder.mostA).toBeGreaterThan(0.9 * FEEDER_A)
    expect(feeder.committedOverA).toBeLessThanOrEqual(0)
  }, 90_000)
})
