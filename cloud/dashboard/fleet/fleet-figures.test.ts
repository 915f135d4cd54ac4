import type { DepotView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { expect, test } from 'vitest'
import { exampleFleet } from '../example-fleet.ts'
import { fleetFigures } from './fleet-figures.ts'

const pick = (...names: string[]): DepotView[] =>
  exampleFleet().depots.filter(({ name }) => names.includes(name))

test('power now covers live and delayed depots, never one that is offline or not heard yet', () => {
  const { power, depots } = fleetFigures({ depots: pick('Westfield', 'Airport', 'Riverside', 'Summit') })
  expect(depots).toBe(4)
  expect(power.counted).toBe(2)
  expect(power.import_w).toBe(428_600 + 630_800)
  expect(power.limit_w).toBe(1_300_000)
})

test('the oldest value is that of the depot heard longest ago', () => {
  const [airport] = pick('Airport')
  expect(fleetFigures({ depots: pick('Westfield', 'Airport') }).power.oldest).toBe(airport?.as_of)
})

test('a depot that does not know its power is not counted as zero', () => {
  const depots = pick('Westfield', 'Harbour').map(
    (depot, i): DepotView =>
      i === 0 && depot.snapshot
        ? { ...depot, snapshot: { ...depot.snapshot, site: { ...depot.snapshot.site, import_w: null } } }
        : depot,
  )
  expect(fleetFigures({ depots }).power).toMatchObject({ counted: 1, import_w: 463_200, limit_w: 560_000 })
})

test('without any depot the power is unknown and the counts are zero', () => {
  const figures = fleetFigures({ depots: [] })
  expect(figures.power.import_w).toBeNull()
  expect(figures.stations).toEqual({ counted: 0, online: 0, total: 0, faulted: 0 })
  expect(figures.problems).toMatchObject({ total: 0, oldest: null })
})

test('problems are counted by severity, also those last known of an offline depot, and it is said how many are such', () => {
  const { problems } = fleetFigures({ depots: pick('Westfield', 'Riverside') })
  expect(problems).toMatchObject({ total: 4, bySeverity: [1, 1, 2, 0], notCurrent: 1 })
})

test('energy says how many records are still to come and of how many depots that is unknown', () => {
  const depots = pick('Westfield', 'Riverside').map((depot, i) =>
    i === 0 ? { ...depot, facts: { ...depot.facts, missing: 12 } } : depot,
  )
  expect(fleetFigures({ depots }).energy).toMatchObject({ missing: 12, unknown: 1 })
})

test('departures at risk and not ready are both at risk; the next one is the earliest of all depots', () => {
  const { departures } = fleetFigures({ depots: pick('Westfield', 'Eastbank', 'Station Square') })
  expect(departures).toMatchObject({
    ready: 16,
    total: 59,
    risk: 3,
    next: { vehicle: 'B-110', depot: 'Station Square' },
  })
})
