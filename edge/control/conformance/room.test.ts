import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { beforeEach, expect, test } from 'vitest'
import { limitDoubts } from '../../domain/charging/limit-doubt.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'
import { takeRoom } from './room.ts'
import { Run } from './run.ts'

let stage: Stage
let run: Run
beforeEach(async () => {
  const site = exampleSite([exampleCircuit('grid', { ratingA: 63 })], [exampleEvse('A', 'grid')])
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('A')
  await stage.pass(seconds(30))
  await stage.charge('A')
  stage.draw('A', 6)
  const { depot } = stage.control
  const [evse = expect.unreachable()] = depot.evsesOf(as<StationId>('A'))
  const of = { id: 'run-1', evse, by: 'ann', firmware: null, skip: [], startedAt: depot.now }
  run = new Run(of, () => depot.monotonic)
  depot.conformance.begin(run)
})
const doubts = () => stage.control.depot.memory.table(limitDoubts).get('A/1') ?? []
const take = async () => {
  const taken = takeRoom(stage.control.depot, run)
  taken.catch(() => undefined)
  await stage.pass(seconds(6))
  return taken
}

test('room that is there is counted for the run', async () => {
  expect(await take()).toBeNull()
  expect(doubts()).toMatchObject([{ command: 'run-1' }])
})

test('room whose record the store does not take is given back, and the run breaks off', async () => {
  stage.store.factLog.fail('no room')
  await expect(take()).rejects.toThrow('no room')
  expect(doubts()).toEqual([])
})
