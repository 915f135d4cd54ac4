import { describe, expect, test } from 'vitest'
import {
  age,
  amperes,
  count,
  kilowattHours,
  kilowattLimit,
  kilowatts,
  percent,
  scaled,
  UNKNOWN,
} from './format.ts'

const nb = (text: string) => text.replaceAll(' ', '\u00a0')

describe('numbers', () => {
  test.each([
    [428_600, '428.6'],
    [0, '0.0'],
    [-0.4, '0.0'],
    [-12_340, '−12.3'],
    [1_234_560, '1,234.6'],
    [null, UNKNOWN],
    [Number.NaN, UNKNOWN],
  ])('%s W is shown as %s kW', (watts, text) => expect(kilowatts(watts)).toBe(text))

  test.each([
    [500_000, '500'],
    [172_500, '172.5'],
    [0, '0'],
    [null, UNKNOWN],
  ])('a limit of %s W is shown as %s kW', (watts, text) => expect(kilowattLimit(watts)).toBe(text))

  test.each([
    [246.6, '247'],
    [-0.2, '0'],
    [0, '0'],
    [null, UNKNOWN],
  ])('%s A is shown as %s A', (amps, text) => expect(amperes(amps)).toBe(text))

  test.each([
    [18_250, '18.3'],
    [0, '0.0'],
    [null, UNKNOWN],
  ])('%s Wh is shown as %s kWh', (wattHours, text) => expect(kilowattHours(wattHours)).toBe(text))

  test.each([
    [61.4, nb('61 %')],
    [0, nb('0 %')],
    [100, nb('100 %')],
    [null, UNKNOWN],
  ])('a state of charge of %s is shown as %s', (value, text) => expect(percent(value)).toBe(text))

  test.each([
    [999_900, 'W', '999.9', 'kW'],
    [3_840_000, 'W', '3.84', 'MW'],
    [-1_500_000, 'W', '−1.50', 'MW'],
    [41_700_000, 'Wh', '41.70', 'MWh'],
    [0, 'Wh', '0.0', 'kWh'],
    [null, 'W', UNKNOWN, 'kW'],
  ] as const)('%s %s is shown as %s %s', (base, unit, value, shown) =>
    expect(scaled(base, unit)).toEqual({ value, unit: shown }),
  )

  test.each([
    [0, '0 stations'],
    [1, '1 station'],
    [2, '2 stations'],
  ])('%s is counted as %s', (n, text) => expect(count(n, 'station')).toBe(text))
})

describe('ages', () => {
  test.each([
    [0, '0.0 s'],
    [-50, '0.0 s'],
    [312, '0.3 s'],
    [9_900, '9.9 s'],
    [9_960, '10 s'],
    [94_000, '94 s'],
    [119_400, '119 s'],
    [120_000, '2 min'],
    [179_999, '2 min'],
    [7_199_999, '119 min'],
    [7_200_000, '2 h'],
    [172_799_999, '47 h'],
    [172_800_000, '2 d'],
  ])('%s ms is shown as %s', (ms, text) => expect(age(ms)).toBe(nb(text)))

  test('an unknown age is a dash', () => expect(age(null)).toBe(UNKNOWN))
})
