import { PHASES } from '@busbar/units/per-phase.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { limitLedgers } from '../domain/charging/limit-ledger.ts'
import { TestDepot } from './test-depot.ts'

describe('a station lost while charging', () => {
  let test: TestDepot
  beforeEach(async () => {
    test = await TestDepot.start({
      gridA: 250,
      otherA: 60,
      feeders: [{ id: 'f1', ratingA: 100 }],
      stations: ['A', 'B', 'C', 'D'].map((id) => ({ id, feeder: 'f1' })),
      vehicles: ['v1', 'v2', 'v3', 'v4'],
    })
    await test.until('every station is reconciled', () => test.edge.control.depot.ready, minutes(2))
    for (const [index, station] of ['A', 'B', 'C', 'D'].entries()) test.plugIn(station, `v${index + 1}`)
    await test.pass(minutes(3))
  })
  afterEach(() => test.stop())

  it('is counted at its last limit until its lease has lapsed, then at its fallback, and the feeder is never exceeded', async () => {
    const limit = test.evse('A').offered_a
    expect(limit).toBeGreaterThan(10)
    const held = () => test.edge.control.depot.memory.table(limitLedgers).get('A/1')
    expect(held()?.standing.at(-1)?.answer).toBe('accepted')

    await test.cut('A')
    await test.until('the loss is seen', () => !test.evse('A').online, seconds(30))
    const others = () =>
      ['B', 'C', 'D'].reduce((sum, station) => sum + (test.evse(station).offered_a ?? 0), 0)
    let worst = 0
    let sharedEarly = 0
    const leaseUntil = held()?.standing.at(-1)?.leaseUntil ?? 0
    await test.pass(minutes(8), () => {
      worst = Math.max(worst, ...PHASES.map((phase) => test.drawnA('f1')[phase]))
      if (test.clock.now() < leaseUntil) sharedEarly = Math.max(sharedEarly, others())
    })
    expect(worst).toBeLessThanOrEqual(100)
    expect(worst).toBeGreaterThan(90)
    expect(sharedEarly).toBeLessThanOrEqual(99 - (limit ?? 0))
    expect(test.evse('A').state).toBe('offline')
    expect(test.depot.station('A').offered).toBe(6)
    expect(others()).toBeGreaterThan(90)
    expect(test.live().incidents.map(({ code }) => code)).toContain('station.offline')
  })

  it('gets its limit again when it comes back, and the incident resolves', async () => {
    await test.cut('A')
    await test.pass(minutes(8))
    test.depot.station('A').restoreLink()
    await test.until(
      'the station is back above its fallback',
      () => test.evse('A').online && (test.evse('A').offered_a ?? 0) > 10,
      minutes(5),
    )
    expect(test.evse('A').online).toBe(true)
    expect(test.live().incidents.map(({ code }) => code)).not.toContain('station.offline')
    expect(test.evse('A').energy_wh).toBeGreaterThan(0)
  })
})
