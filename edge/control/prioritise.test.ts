import { as, type VehicleId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { hours, later, minutes, seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { Stage } from './testing/stage.ts'

/** Stations with the same fallback below one grid, all charging from the start. */
async function charging(ratingA: number, fallbackA: number, names: readonly string[]) {
  const site = exampleSite(
    [exampleCircuit('grid', { ratingA })],
    names.map((id) => exampleEvse(id, 'grid', { fallbackA })),
  )
  const stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  for (const id of names) await stage.join(id)
  await stage.pass(seconds(40))
  for (const [index, id] of names.entries()) await stage.charge(id, `TAG-${index + 1}`)
  const told = (id: string) => stage.running(id).at(-1) ?? fallbackA
  const drive = async (s: number) => {
    for (let passed = 0; passed < s; passed += 5) {
      for (const id of names) stage.draw(id, told(id))
      await stage.pass(seconds(5))
    }
  }
  return { stage, told, drive }
}

describe('stations whose minimums do not all fit', () => {
  test('take turns of a quarter of an hour, and each gets its own', async () => {
    const { stage, told, drive } = await charging(8, 0, ['A', 'B', 'C'])
    const served = new Map<string, number>()
    let last = ''
    let turns = 0
    for (let minute = 0; minute < 96; minute++) {
      await drive(60)
      const on = ['A', 'B', 'C'].filter((id) => told(id) > 0)
      expect(on.length).toBeLessThanOrEqual(1)
      for (const id of on) {
        served.set(id, (served.get(id) ?? 0) + 1)
        if (id !== last) turns++
        last = id
      }
    }
    expect(turns).toBeGreaterThanOrEqual(5)
    expect(turns).toBeLessThanOrEqual(8)
    for (const id of ['A', 'B', 'C']) expect(served.get(id)).toBeGreaterThanOrEqual(25)
    const waiting = ['A', 'B', 'C'].find((id) => told(id) === 0) ?? ''
    const bound = stage.control.decision().shares.get(stage.evse(waiting).key)?.bound
    expect(bound).toMatchObject({ kind: 'waits' })
  })
})

describe('a shortfall before departure', () => {
  const setDepartures = (stage: Stage, needs: Record<string, number>) =>
    stage.control.submit({
      type: 'departures-set',
      by: 'dispatcher',
      departures: Object.entries(needs).map(([vehicle, wh]) => ({
        vehicle: as<VehicleId>(vehicle),
        departureAt: later(stage.clock.now(), hours(1)),
        energyNeededWh: wattHours(wh),
        socNeededPct: null,
      })),
    })

  test('falls on the vehicle with the largest need, which keeps its minimum; the other gets all it can take', async () => {
    const { stage, told, drive } = await charging(40, 6, ['A', 'B'])
    await drive(120)
    expect([told('A'), told('B')]).toEqual([20, 20])
    setDepartures(stage, { 'bus-1': 20_000, 'bus-2': 18_000 })
    await drive(120)
    expect([told('A'), told('B')]).toEqual([8, 32])
    expect(stage.control.depot.triage?.engaged).toBe(true)
    expect(Object.fromEntries(stage.control.depot.triage?.verdicts ?? [])).toEqual({
      'A/1': 'deferred',
      'B/1': 'kept',
    })
    expect(stage.live('A')).toMatchObject({
      reason_code: 'gives-way',
      reason: 'grid, L1 is full; not all can be ready in time, and it gives way',
    })
    setDepartures(stage, { 'bus-1': 5000, 'bus-2': 5000 })
    await drive(minutes(3) / 1000)
    expect(stage.control.depot.triage?.engaged).toBe(false)
    expect([told('A'), told('B')]).toEqual([20, 20])
  })
})
