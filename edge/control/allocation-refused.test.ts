import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { expect, test, vi } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { Stage } from './testing/stage.ts'

const wrong = vi.hoisted(() => ({ by: 0 }))

vi.mock('../domain/load-balancing/allocate.ts', async (original) => {
  const real = await original<typeof import('../domain/load-balancing/allocate.ts')>()
  const allocate: typeof real.allocate = (snapshot) =>
    new Map(
      [...real.allocate(snapshot)].map(([key, share]) => [key, { ...share, level: share.level + wrong.by }]),
    )
  return { ...real, allocate }
})

const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 60, otherA: 30, meter: 'm' })],
  ['A', 'B'].map((id) => exampleEvse(id, 'grid')),
)

test('an allocation that the checker refuses raises nothing and is told; the next good one is used again', async () => {
  const stage = new Stage({ clock: new FakeClock(), site })
  const drawn = () => stage.running('A').at(-1) ?? 6
  const drive = async (s: number) => {
    for (let passed = 0; passed < s; passed++) {
      stage.draw('A', drawn())
      await stage.pass(seconds(1))
    }
  }
  stage.poll('m', () => ({ a: drawn() }))
  await stage.start()
  for (const id of ['A', 'B']) await stage.join(id)
  await stage.pass(seconds(40))
  wrong.by = 26_500
  await stage.charge('A')
  await drive(90)
  expect(drawn()).toBe(6)
  expect(stage.warnings.get('balancing.refused')).toContain('A/1')
  wrong.by = 0
  await drive(90)
  expect(drawn()).toBe(32)
  expect(stage.warnings.has('balancing.refused')).toBe(false)
})
