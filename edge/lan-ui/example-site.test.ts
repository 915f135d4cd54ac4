import { EvseState, SiteView, TrendView } from '@busbar/contracts/lan-api/site-view.ts'
import { expect, test } from 'vitest'
import { exampleSite, exampleTrend } from './example-site.ts'

test('the example depot and its trend are what the LAN API may answer', () => {
  expect(SiteView.parse(exampleSite())).toEqual(exampleSite())
  expect(TrendView.parse(exampleTrend())).toEqual(exampleTrend())
})

test('the example depot has 24 EVSEs and shows every state', () => {
  const { evses } = exampleSite()
  expect(evses).toHaveLength(24)
  expect(new Set(evses.map(({ state }) => state))).toEqual(new Set(EvseState.options))
})
