import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const IDS = ['A', 'B', 'C']

/** 63 A for three vehicles that charge at 21 A each. */
const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 63 })],
  IDS.map((id) => exampleEvse(id, 'grid')),
)

let stage: Stage
beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  for (const id of IDS) await stage.join(id)
  await stage.pass(seconds(30))
  for (const [n, id] of IDS.entries()) await stage.charge(id, `TAG-${n + 1}`)
  await stage.pass(minutes(3))
  expect(IDS.map((id) => stage.running(id).at(-1))).toEqual([21, 21, 21])
  stage.said.splice(0)
})

const raw = { type: 'ocpp-request', station: as<StationId>('A'), payload: {}, by: 'ann' } as const
const firstSaid = (kind: string, id: string) =>
  stage.said.findIndex(({ station, command }) => station === id && command.kind === kind)

describe('a request that may raise a station that charges', () => {
  test.each([true, false])('makes others give way before it leaves (a restart: %s)', async (reboots) => {
    stage.effect = () => ({ kind: 'may-raise', reboots })
    stage.control.submit({ ...raw, action: 'X' })
    await stage.pass(seconds(10))
    const left = firstSaid('raw', 'A')
    for (const id of ['B', 'C']) {
      expect(firstSaid('set-transaction-limit', id)).toBeGreaterThanOrEqual(0)
      expect(firstSaid('set-transaction-limit', id)).toBeLessThan(left)
    }
  })

  test('fits the feeder at its rating beside all others for as long as it is in doubt', async () => {
    stage.effect = () => ({ kind: 'may-raise', reboots: true })
    stage.control.submit({ ...raw, action: 'Reset' })
    await stage.pass(seconds(30))
    const holds = IDS.map((id) => stage.evse(id).hold)
    expect(holds[0]).toBe(32_000)
    expect(holds.reduce((sum, hold) => sum + hold, 0)).toBeLessThanOrEqual(63_000)
    expect(stage.control.decision().transition.overcommitted).toEqual([])
  })
})
