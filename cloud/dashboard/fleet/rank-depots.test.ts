import { describe, expect, test } from 'vitest'
import { exampleFleet } from '../example-fleet.ts'
import { passes, rankDepots, type SortKey } from './rank-depots.ts'

const { depots } = exampleFleet()
const order = (key: SortKey, turned = false) => rankDepots(depots, key, turned).map(({ name }) => name)

describe('the order of depots', () => {
  test('worst first: P1, overload, offline, P2, late, not heard, departures at risk, lesser problems', () => {
    expect(order('worst').slice(0, 8)).toEqual([
      'Westfield',
      'Docklands',
      'Riverside',
      'Airport',
      'Summit',
      'Eastbank',
      'Station Square',
      'Harbour',
    ])
  })

  test.each([
    ['name', 'Airport', 'Westfield'],
    ['link', 'Riverside', 'Westfield'],
    ['power', 'Docklands', 'Summit'],
    ['stations', 'Station Square', 'Summit'],
    ['vehicles', 'Airport', 'Summit'],
    ['departures', 'Westfield', 'Summit'],
  ] as const)('by %s it begins with %s and ends with %s', (key, first, last) => {
    expect([order(key)[0], order(key).at(-1)]).toEqual([first, last])
  })

  test('turned, a column is the other way round and ties stay by name', () => {
    expect(order('name', true)).toEqual([...order('name')].reverse())
    expect(order('worst', true).slice(0, 2)).toEqual(['Harbour', 'Hillcrest'])
  })
})

describe('the filter', () => {
  test.each([
    ['all', '', 12],
    ['attention', '', 7],
    ['not-live', '', 3],
    ['all', ' EAST ', 1],
    ['not-live', 'west', 0],
  ] as const)('%s with "%s" leaves %s', (filter, text, left) => {
    expect(depots.filter((depot) => passes(depot, filter, text))).toHaveLength(left)
  })
})
