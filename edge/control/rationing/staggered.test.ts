import { as, evseKey, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { hours, later, minutes, seconds } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import type { ManualAct } from '../../domain/charging/manual/manual-act.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const IDS = ['A', 'B', 'C', 'D'] as const
const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 200 })],
  IDS.map((id) => exampleEvse(id, 'grid')),
)

/** Four vehicles charge, all stations lose their supply for six minutes and boot at once. */
async function outage(acts: (stage: Stage) => readonly ManualAct[]): Promise<Map<string, number>> {
  const stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  const links = new Map<string, number>()
  for (const id of IDS) links.set(id, await stage.join(id))
  await stage.pass(seconds(40))
  for (const [n, id] of IDS.entries()) await stage.charge(id, `TAG-${n + 1}`)
  await stage.pass(minutes(2))
  expect(IDS.map((id) => stage.running(id).at(-1))).toEqual([32, 32, 32, 32])
  for (const act of acts(stage)) stage.control.submit({ type: 'manual-act', act, by: 'Ada' })
  for (const [id, connection] of links) await stage.leave(id, connection)
  await stage.pass(minutes(6))
  stage.said.splice(0)
  for (const id of IDS) await stage.connect(id)
  for (const id of IDS) stage.boot(id)
  await stage.settle()
  const back = stage.clock.monotonic()
  const after = new Map<string, number>()
  for (let s = 0; s < 130; s++) {
    await stage.pass(seconds(1))
    for (const id of IDS)
      if (!after.has(id) && stage.running(id).some((limit) => limit > 6))
        after.set(id, (stage.clock.monotonic() - back) / 1000)
  }
  return after
}

const priority = (stage: Stage, id: string): ManualAct => ({
  kind: 'priority',
  scope: 'vehicle',
  id,
  priority: 2,
  until: later(stage.clock.now(), hours(1)),
  reason: 'spare',
})

test('after an outage limits rise only in the time of their tier, by the priority that counts now', async () => {
  const after = await outage((stage) => [priority(stage, 'bus-1'), priority(stage, 'bus-2')])
  // With the same part of each tier's share of two minutes: a quarter of it, or three quarters.
  for (const id of ['C', 'D']) expect(after.get(id)).toBeCloseTo(30, -0.5)
  for (const id of ['A', 'B']) expect(after.get(id)).toBeCloseTo(90, -0.5)
})

test('what a person lets charge first rises among the first after an outage', async () => {
  const after = await outage((stage) => [
    priority(stage, 'bus-1'),
    priority(stage, 'bus-2'),
    {
      kind: 'override',
      evse: evseKey(as<StationId>('A'), 1),
      how: 'charge',
      limit: null,
      until: later(stage.clock.now(), hours(1)),
      reason: 'late',
    },
  ])
  expect(after.get('A')).toBeCloseTo(30, -0.5)
  expect(after.get('B')).toBeCloseTo(90, -0.5)
})
