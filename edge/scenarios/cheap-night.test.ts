import { as, type VehicleId } from '@busbar/model/ids.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { between, instant, minutes } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FOUR, fourOnAFeeder } from './four-on-a-feeder.ts'
import type { TestDepot } from './test-depot.ts'

const START = Date.UTC(2026, 10, 21, 17, 56)
const CHEAP_FROM = instant(Date.UTC(2026, 10, 21, 18, 25))
const READY_BY = instant(Date.UTC(2026, 10, 21, 19, 25))
const LEAVE = instant(Date.UTC(2026, 10, 21, 19, 40))
const NEED_WH = 6_000

describe('four vehicles whose night is cheaper than their evening', () => {
  let test: TestDepot
  beforeEach(async () => {
    const of = await fourOnAFeeder(FOUR, {
      startMs: START,
      instead: {
        tariff: {
          currency: 'EUR',
          bands: [
            { name: 'day', from: '07:00', price_per_kwh: 0.38 },
            { name: 'night', from: '18:25', price_per_kwh: 0.11 },
          ],
        },
      },
    })
    test = of.test
    test.edge.control.submit({
      type: 'departures-set',
      by: 'Ada',
      departures: FOUR.map((id) => ({
        vehicle: as<VehicleId>(`v-${id}`),
        departureAt: LEAVE,
        energyNeededWh: wattHours(NEED_WH),
        socNeededPct: null,
      })),
    })
  })
  afterEach(() => test.stop())

  const taken = () => FOUR.map((id) => test.evse(id).energy_wh ?? 0)
  const until = (at: typeof LEAVE) => test.pass(between(test.clock.now(), at))

  it('wait for it, and are ready before they leave', async () => {
    await test.pass(minutes(2))
    const learned = taken()
    await until(CHEAP_FROM)
    const dear = taken()
    for (const [n, wh] of dear.entries()) expect(wh - (learned[n] ?? 0)).toBeLessThan(0.1 * NEED_WH)
    expect(Math.max(...dear)).toBeLessThan(0.35 * NEED_WH)
    await until(READY_BY)
    expect(Math.min(...taken())).toBeGreaterThanOrEqual(NEED_WH)
  })
})
