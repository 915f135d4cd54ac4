import { instant } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import type { DepotConfig } from './schema.ts'
import { pricesOf, tariffAt } from './tariff.ts'

const NIGHT_AND_DAY = [
  { name: 'day', from: '06:30', price_per_kwh: 0.3 },
  { name: 'night', from: '22:00', price_per_kwh: 0.1 },
]

function bandAt(at: string, bands = NIGHT_AND_DAY, zone = 'Europe/Berlin') {
  const config = { depot: { time_zone: zone }, tariff: { currency: 'EUR', bands } } as unknown as DepotConfig
  const now = tariffAt(config, instant(Date.parse(at)))
  return now && [now.name, now.until]
}

test.each([
  [
    'in the evening the night band runs past midnight',
    '2026-11-21T22:30:00+01:00',
    'night',
    '2026-11-22T05:30:00.000Z',
  ],
  ['after midnight it is still in force', '2026-11-22T00:10:40+01:00', 'night', '2026-11-22T05:30:00.000Z'],
  ['a band begins on its minute', '2026-11-22T06:30:00+01:00', 'day', '2026-11-22T21:00:00.000Z'],
  [
    'and is not in force a moment before',
    '2026-11-22T06:29:59.999+01:00',
    'night',
    '2026-11-22T05:30:00.000Z',
  ],
  [
    'the night the clocks go forward is an hour shorter',
    '2027-03-27T23:00:00+01:00',
    'night',
    '2027-03-28T04:30:00.000Z',
  ],
  [
    'the night the clocks go back is an hour longer',
    '2026-10-24T23:00:00+02:00',
    'night',
    '2026-10-25T05:30:00.000Z',
  ],
])('%s', (_, at, name, until) => {
  expect(bandAt(at)).toEqual([name, until])
})

test('a band that begins in the hour that is left out begins when the clocks go forward', () => {
  const bands = [
    { name: 'late', from: '00:00', price_per_kwh: 1 },
    { name: 'early', from: '02:20', price_per_kwh: 2 },
  ]
  expect(bandAt('2027-03-28T01:10:00+01:00', bands)).toEqual(['late', '2027-03-28T01:00:00.000Z'])
  expect(bandAt('2027-03-28T03:00:00+02:00', bands)).toEqual(['early', '2027-03-28T22:00:00.000Z'])
})

test('the order of the file does not matter', () => {
  expect(bandAt('2026-11-22T12:00:00+01:00', [...NIGHT_AND_DAY].reverse())).toEqual([
    'day',
    '2026-11-22T21:00:00.000Z',
  ])
})

test('zones off the full hour count their own minutes', () => {
  expect(bandAt('2026-11-22T06:29:00+05:45', NIGHT_AND_DAY, 'Asia/Kathmandu')).toEqual([
    'night',
    '2026-11-22T00:45:00.000Z',
  ])
})

test('a single band never ends; a day on it is asked again', () => {
  expect(bandAt('2026-11-22T12:00:30Z', NIGHT_AND_DAY.slice(0, 1))).toEqual([
    'day',
    '2026-11-23T12:00:00.000Z',
  ])
})

test('without a tariff there is none', () => {
  expect(tariffAt({ depot: { time_zone: 'UTC' } } as DepotConfig, instant(0))).toBeNull()
})

test('plans are told the price of any instant, and nothing where the file has no tariff', () => {
  const of = (tariff?: object, waits = true) =>
    pricesOf({
      depot: { time_zone: 'Europe/Berlin' },
      balancing: { wait_for_price: waits },
      tariff,
    } as unknown as DepotConfig)
  const at = (time: string) => instant(Date.parse(time))
  const priceAt = of({ currency: 'EUR', bands: NIGHT_AND_DAY })
  expect(priceAt(at('2026-11-21T21:59:00+01:00'))).toBe(0.3)
  expect(priceAt(at('2026-11-21T22:00:00+01:00'))).toBe(0.1)
  expect(priceAt(at('2026-11-22T03:00:00+01:00'))).toBe(0.1)
  expect(of()(at('2026-11-22T03:00:00+01:00'))).toBeNull()
  expect(of({ currency: 'EUR', bands: NIGHT_AND_DAY }, false)(at('2026-11-22T03:00:00+01:00'))).toBeNull()
})
