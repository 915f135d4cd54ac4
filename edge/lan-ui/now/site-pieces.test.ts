import { expect, test } from 'vitest'
import { exampleSite } from '../example-site.ts'
import { describePower, sitePieces } from './site-pieces.ts'

const { power } = exampleSite()
const values = (change: Partial<typeof power>) =>
  sitePieces({ ...power, ...change }).map(({ part, value }) => `${part} ${value}`)

test('the bar shows building, vehicles and what is held', () => {
  expect(values({})).toEqual(['building 98300', 'vehicles 330300', 'held 22000'])
})

test('with the building unknown, what is measured beyond the vehicles has no name', () => {
  expect(values({ building_w: null })).toEqual(['measured 98300', 'vehicles 330300', 'held 22000'])
})

test('with the import unknown too, only the vehicles’ own reports are drawn', () => {
  expect(values({ building_w: null, import_w: null })).toEqual([
    'measured 0',
    'vehicles 330300',
    'held 22000',
  ])
})

test('in words, the unknown is a dash', () => {
  expect(describePower({ ...power, building_w: null })).toBe(
    'Building –, vehicles 330.3, held 22.0 of 500 kW',
  )
})
