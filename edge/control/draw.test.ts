import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { drawBounds } from './draw.ts'
import { GOOD, Stage } from './testing/stage.ts'
import { evsesNow } from './use.ts'

test('a limit lowered since the last report may be obeyed already: no more is sure to be drawn, and the base looks no smaller', async () => {
  const site = exampleSite(
    [exampleCircuit('grid', { meter: 'GRID' })],
    ['A', 'B'].map((id) => exampleEvse(id, 'grid')),
  )
  const stage = new Stage({ clock: new FakeClock(), site })
  let [base, drawn] = [40, 0]
  stage.poll('GRID', () => ({ a: base + drawn }))
  await stage.start()
  for (const id of ['A', 'B']) await stage.join(id)
  await stage.pass(seconds(40))
  for (const [n, id] of ['A', 'B'].entries()) await stage.charge(id, `TAG-${n + 1}`)
  for (let n = 0; n < 12; n++) {
    const told = ['A', 'B'].map((id) => stage.running(id).at(-1) ?? 6)
    drawn = told.reduce((sum, a) => sum + a, 0)
    for (const [at, id] of ['A', 'B'].entries()) stage.draw(id, told[at] ?? 6)
    await stage.pass(seconds(10))
  }
  const { depot } = stage.control
  const steady = drawBounds(depot, 0, evsesNow(depot)).low / 1000
  expect(steady).toBeGreaterThan(50)

  base = 70
  await stage.pass(seconds(3))
  const ordered = ['A', 'B'].reduce((sum, id) => sum + (stage.running(id).at(-1) ?? 0), 0)
  expect(ordered).toBeLessThan(40)
  expect(drawBounds(depot, 0, evsesNow(depot)).low / 1000).toBeLessThanOrEqual(ordered)
  drawn = ordered
  await stage.pass(seconds(3))
  expect(stage.control.decision().snapshot.rows[0]?.base).toBeGreaterThanOrEqual(70_000)
})

test('lower limits of a vehicle that nothing is heard of are counted alike in the base and on the row: the measured load comes down within seconds of each rise', async () => {
  const site = exampleSite(
    [exampleCircuit('grid', { meter: 'GRID' })],
    ['A', 'B'].map((id) => exampleEvse(id, 'grid')),
  )
  const stage = new Stage({ clock: new FakeClock(), site })
  let base = 38
  let bDraws = false
  const limit = (id: string) => stage.running(id).at(-1) ?? 6
  stage.poll('GRID', () => ({ a: base + limit('A') + (bDraws ? limit('B') : 0) }))
  const unproven = { ...GOOD, provenToObey: false, settleS: 30 }
  await stage.start(unproven)
  for (const id of ['A', 'B']) await stage.join(id, unproven)
  await stage.pass(seconds(40))
  for (const [n, id] of ['A', 'B'].entries()) await stage.charge(id, `TAG-${n + 1}`)
  const reported = async (s: number) => {
    for (let n = 0; n < s; n++) {
      stage.draw('A', limit('A'))
      await stage.pass(seconds(1))
    }
  }
  await reported(240)
  bDraws = true
  await reported(10)
  expect(limit('B')).toBeGreaterThan(20)

  const after: number[] = []
  for (let n = 0; n < 8; n++) {
    base += 3
    await reported(7)
    after.push(base + limit('A') + limit('B'))
  }
  expect(Math.max(...after)).toBeLessThanOrEqual(100)
})
