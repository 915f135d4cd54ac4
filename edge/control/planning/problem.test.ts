import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { watts } from '@busbar/units/electricity.ts'
import { hours, later, seconds } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'
import { slotPrices } from './prices.ts'
import { problemOf } from './problem.ts'

test('the demand target is a peak that costs more than waiting saves, and no row that the running window has used up', async () => {
  const site = exampleSite(
    [{ ...exampleCircuit('grid', { ratingA: 200, meter: 'm' }), demandTargetW: watts(50_000) }],
    [exampleEvse('A', 'grid')],
  )
  const stage = new Stage({ clock: new FakeClock(), site })
  stage.poll('m', () => ({ w: 40_000, a: 58 }))
  await stage.start()
  await stage.pass(seconds(600))
  const { snapshot } = stage.control.decision()
  const at = snapshot.rows.findIndex(({ id }) => id === 'grid/demand')
  expect(snapshot.rows[at]?.limit).not.toBe(50_000)
  const { rows, peak } = problemOf(stage.control.depot, snapshot, { present: new Map(), prices: [0.4, 0.1] })
  expect(rows[at]?.capacity).toBe(Number.POSITIVE_INFINITY)
  expect(rows.filter(({ capacity }) => capacity === Number.POSITIVE_INFINITY)).toHaveLength(1)
  expect(peak?.paidW).toBe(50_000)
  expect(peak?.baseW).toBeGreaterThanOrEqual(40_000)
  expect(peak?.pricePerKw).toBeCloseTo(30)
})

test('a slot costs the mean of its minutes, and what costs the same always costs nothing to shift', () => {
  const from = new FakeClock().now()
  const change = later(from, hours(0.25 + 0.25 / 3))
  expect(slotPrices((at) => (at < change ? 0.3 : 0.6), from).slice(0, 4)).toEqual(
    [0.3, 0.5, 0.6, 0.6].map((n) => expect.closeTo(n)),
  )
  expect(slotPrices(() => 0.3, from)).toEqual([])
  expect(slotPrices((at) => (at < change ? 0.3 : null), from)).toEqual([])
})
