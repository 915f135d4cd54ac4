import { as, type CircuitId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { Stage } from './testing/stage.ts'

const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 100 })],
  ['A', 'B'].map((id) => exampleEvse(id, 'grid')),
)

/** Two vehicles share 16 A after a pause of both; A's wakes at `needsA` or more, and then takes what it is given. */
async function shared(needsA: number): Promise<Stage> {
  const stage = new Stage({ clock: new FakeClock(), site })
  const limit = (id: string) => stage.running(id).at(-1) ?? 6
  let leastA = 6
  const drive = async (s: number) => {
    for (let passed = 0; passed < s; passed++) {
      stage.draw('A', limit('A') >= leastA ? limit('A') : 0)
      stage.draw('B', limit('B') >= 6 ? limit('B') : 0)
      await stage.pass(seconds(1))
    }
  }
  const operate = (limitA: number) =>
    stage.control.submit({
      type: 'manual-act',
      by: 'Ada',
      act: {
        kind: 'operating-limit',
        circuit: as<CircuitId>('grid'),
        limitA,
        limitW: null,
        until: null,
        reason: 'the cable is warm',
      },
    })
  await stage.start()
  for (const id of ['A', 'B']) await stage.join(id)
  await stage.pass(seconds(40))
  await stage.charge('A')
  await stage.charge('B', 'TAG-2')
  await drive(60)
  expect([limit('A'), limit('B')]).toEqual([32, 32])
  operate(5)
  await drive(40)
  expect([limit('A'), limit('B')]).toEqual([0, 0])
  operate(16)
  leastA = needsA
  await drive(300)
  return stage
}

test('a vehicle that an offer does not wake is offered two amperes more, and charges', async () => {
  const stage = await shared(10)
  expect(stage.running('A').at(-1)).toBe(10)
  expect(stage.running('B').at(-1)).toBe(6)
  expect(stage.control.depot.wakes.of('A/1' as never)?.state).toBe('charging')
  expect(stage.evse('A').min).toBe(10_000)
})

test('what was learned of a vehicle leaves with it', async () => {
  const stage = await shared(10)
  stage.end('A')
  stage.status('A', 'Available')
  await stage.pass(seconds(3))
  await stage.charge('A', 'TAG-3')
  await stage.pass(seconds(2))
  expect(stage.evse('A').min).toBe(6000)
})

test('one that more does not wake either is given no more than before', async () => {
  const stage = await shared(99)
  await stage.pass(seconds(120))
  expect(stage.control.depot.wakes.of('A/1' as never)?.state).toBe('asleep')
  expect(stage.evse('A').min).toBe(6000)
})
