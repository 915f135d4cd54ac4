import { PHASES } from '@busbar/units/per-phase.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { FOUR, fourOnAFeeder, incidentCodes, offered } from './four-on-a-feeder.ts'
import type { TestDepot } from './test-depot.ts'

const GRID_A = 110

describe('stations that all ignore their limits at once', () => {
  let test: TestDepot
  afterEach(() => test.stop())

  it('are stopped within ten seconds of the overload, told of, and charge again only when it has been calm', async () => {
    const of = await fourOnAFeeder(FOUR, {
      gridA: GRID_A,
      feeders: [{ id: 'f1', ratingA: 140 }],
    })
    test = of.test
    const gridA = () => Math.max(...PHASES.map((phase) => test.drawnA('grid')[phase]))
    expect(gridA()).toBeLessThanOrEqual(GRID_A)
    for (const id of FOUR) test.depot.station(id).ignoreLimits(true)
    await test.until('the connection is overloaded', () => gridA() > 1.2 * GRID_A, seconds(20))
    let overS = 0
    await test.pass(seconds(20), () => {
      if (gridA() > GRID_A) overS++
    })
    expect(overS).toBeLessThanOrEqual(10)
    expect(incidentCodes(test)).toContain('overload.stop')
    expect(FOUR.filter((id) => test.depot.station(id).charging)).toEqual([])

    for (const id of FOUR) {
      test.depot.station(id).ignoreLimits(false)
      test.depot.station(id).unplug()
    }
    test.plugIn('A', 'v-A')
    await test.pass(minutes(5))
    expect(test.depot.station('A').charging).toBe(false)
    await test.until('it charges again', () => offered(test, 'A') > 20, minutes(9))
    expect(incidentCodes(test).filter((code) => code.startsWith('overload'))).toEqual([])
  }, 90_000)
})
