import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { watts } from '@busbar/units/electricity.ts'
import { seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import type { Site } from '../../domain/site/site.ts'
import { Stage } from '../testing/stage.ts'

const MODULE_W = 30_000
/** A cabinet of five modules of 30 kW with two outlets, each good for all of them. */
const site: Site = {
  ...exampleSite(
    [exampleCircuit('grid', { ratingA: 900 })],
    [1, 2].map((evse) => exampleEvse('C', 'grid', { evse, dcW: 150_000 })),
  ),
  cabinets: [
    {
      station: as<StationId>('C'),
      circuit: exampleCircuit('grid').id,
      inputA: null,
      inputW: null,
      idleW: watts(0),
      modules: { count: 5, powerW: watts(MODULE_W) },
    },
  ],
}

let stage: Stage
const limitsOf = (evse: number) =>
  stage.said.flatMap(({ command, at }) =>
    command.kind === 'set-transaction-limit' && command.evse === evse && 'limit_w' in command.limit
      ? [{ at, w: command.limit.limit_w }]
      : [],
  )
const modules = (evse: number) => Math.ceil((limitsOf(evse).at(-1)?.w ?? 0) / MODULE_W)
const running = new Set<number>()

/** Every vehicle takes what it is given. */
async function drive(s: number): Promise<void> {
  for (let passed = 0; passed < s; passed++) {
    for (const evse of running) stage.draw('C', (limitsOf(evse).at(-1)?.w ?? 10_000) / 690, { evse })
    await stage.pass(seconds(1))
  }
}

async function start(evse: number): Promise<void> {
  stage.status('C', 'Occupied', 'EVConnected', evse)
  let accepted = false
  void stage.authorize('C', `TAG-${evse}`).outcome.then(({ status }) => {
    accepted = status === 'Accepted'
  })
  for (let s = 0; s < 30 && !accepted; s++) await drive(1)
  expect(accepted).toBe(true)
  stage.begin('C', { evse, token: `TAG-${evse}` })
  stage.status('C', 'Occupied', 'Charging', evse)
  running.add(evse)
}

beforeEach(async () => {
  running.clear()
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('C')
  await stage.pass(seconds(40))
  await start(1)
  await drive(60)
  expect(modules(1)).toBe(5)
})

describe('power modules', () => {
  test('are given up at once for a second vehicle, and taken back no sooner than ten minutes later', async () => {
    await start(2)
    await drive(90)
    expect(modules(1) + modules(2)).toBe(5)
    const gaveUp = limitsOf(1).at(-1)?.at ?? 0
    const open = stage.control.depot.openByEvse().get([...site.evses.keys()][1] as never)
    running.delete(2)
    stage.end('C', { transaction: open?.transaction ?? null })
    stage.status('C', 'Available', null, 2)
    await drive(300)
    expect(modules(1)).toBeLessThan(5)
    expect(limitsOf(1).at(-1)?.w).toBe(modules(1) * MODULE_W)
    expect(stage.control.live().evses[0]).toMatchObject({
      reason_code: 'modules-rest',
      reason: expect.stringMatching(/^Takes no other power module yet; the next at \d\d:\d\d:\d\d$/),
    })
    await drive(400)
    expect(modules(1)).toBe(5)
    const raised = limitsOf(1).find(({ w, at }) => at > gaveUp && w > 120_000)?.at ?? 0
    expect(raised - gaveUp).toBeGreaterThanOrEqual(600_000)
    expect(raised - gaveUp).toBeLessThan(660_000)
  })

  test('of a new vehicle wait for nothing', async () => {
    await start(2)
    await drive(40)
    expect(modules(2)).toBeGreaterThanOrEqual(2)
  })
})
