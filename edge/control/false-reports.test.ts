import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { Stage } from './testing/stage.ts'

const TRULY_A = 32
const RATING_A = 60

test('S22 a station that claims to draw nothing has what the meter shows reserved, and others get only the rest', async () => {
  const grid = exampleCircuit('grid', { ratingA: RATING_A, otherA: 0, meter: 'm' })
  const site = exampleSite([grid], [exampleEvse('A', 'grid'), exampleEvse('B', 'grid')])
  const stage = new Stage({ clock: new FakeClock(), site })
  const limit = (id: string) => stage.running(id).at(-1) ?? 0
  let lies = false
  stage.poll('m', () => ({ a: (lies ? TRULY_A : 0) + limit('B') }))
  await stage.start()
  await stage.join('A')
  await stage.join('B')
  await stage.pass(seconds(40))
  await stage.charge('A')
  await stage.charge('B', 'TAG-2')
  lies = true
  for (let passed = 0; passed < 180; passed++) {
    stage.draw('A', 0)
    stage.draw('B', limit('B'))
    await stage.pass(seconds(1))
    // The first seconds are those that any limit takes to be obeyed.
    if (passed > 20) expect(limit('B') + TRULY_A).toBeLessThanOrEqual(RATING_A)
  }
  expect(limit('B')).toBeGreaterThan(6)
})
