import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { ACCEPTED, Stage } from './testing/stage.ts'

const A = as<StationId>('A')
const site = exampleSite([exampleCircuit('grid', { ratingA: 200 })], [exampleEvse('A', 'grid')])

let stage: Stage
beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  stage.refusal = ({ kind }) => (kind.startsWith('set-') ? 'this model takes no such profile' : null)
  await stage.start()
  await stage.join('A')
  await stage.pass(minutes(1))
})

const key = () => stage.control.depot.evsesOf(A)[0]?.key ?? expect.unreachable()

describe('a station whose profile takes no default', () => {
  test('is reconciled without one, and counts as unproven', () => {
    expect(stage.control.depot.links.get(A)).toMatchObject({ reconciled: true, reconciling: false })
    expect(stage.control.depot.ledger(key()).defaultProven).toBe(false)
    expect(stage.control.depot.refusedFallback.has(key())).toBe(true)
  })

  test('has no limit on record that never left, none tried, and no wear counted', async () => {
    await stage.charge('A')
    await stage.pass(minutes(2))
    expect(await stage.facts('ChargingLimitSent')).toEqual([])
    expect(await stage.facts('ChargingLimitAnswered')).toEqual([])
    expect(stage.limits('A')).toEqual([])
    expect(stage.control.depot.flashWear.writes(A, stage.control.depot.monotonic)).toBe(0)
    expect(stage.control.depot.failures.get(key())).toMatchObject({ refused: true })
  })

  test('gets what was kept for it while it was away', async () => {
    await stage.leave('A', 1)
    stage.reply = () => ({ status: 'not-sent', reason: 'offline' })
    const expiresAt = (stage.clock.now() + minutes(10)) as ReturnType<typeof stage.clock.now>
    const command = { kind: 'clear-cache' } as const
    stage.control.submit({ type: 'station-command', station: A, command, by: 'ann', expiresAt })
    await stage.pass(seconds(5))
    stage.reply = () => ACCEPTED
    stage.said.splice(0)
    await stage.join('A')
    await stage.pass(seconds(10))
    expect(stage.said.filter(({ command: { kind } }) => kind === 'clear-cache')).toHaveLength(1)
  })
})
