import { sumPhases } from '@busbar/units/per-phase.ts'
import { fromIso, hours, later, minutes, toIso } from '@busbar/units/time.ts'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../random.ts'
import { Building } from './building.ts'
import { LocalTime } from './local-time.ts'
import { nextStay } from './timetable.ts'

const NIGHT = {
  station: 'A-01',
  arrivalMinute: 17 * 60,
  departureMinute: 5 * 60,
  socPct: 40,
  socNeededPct: 80,
}
const london = new LocalTime('Europe/London')
const stays = (after: string, zone = london, visits = [NIGHT]) =>
  nextStay(visits, fromIso(after), { time: zone, random: seededRandom(3) })

describe('the timetable', () => {
  it('finds the stay that is under way, else the next', () => {
    expect(toIso(stays('2026-11-21T23:00:00Z')?.departure ?? fromIso('1970-01-01T00:00:00Z'))).toBe(
      '2026-11-22T05:00:00.000Z',
    )
    const evening = stays('2026-11-22T05:00:00Z')
    expect(toIso(evening?.departure ?? fromIso('1970-01-01T00:00:00Z'))).toBe('2026-11-23T05:00:00.000Z')
    const off = (evening?.arrival ?? 0) - fromIso('2026-11-22T17:00:00Z')
    expect(Math.abs(off)).toBeLessThanOrEqual(minutes(6))
  })

  it('follows local time over a change of the clocks', () => {
    const berlin = new LocalTime('Europe/Berlin')
    expect(toIso(berlin.at(berlin.day(fromIso('2026-10-24T12:00:00Z')), 300))).toBe(
      '2026-10-24T03:00:00.000Z',
    )
    expect(toIso(berlin.at(berlin.day(fromIso('2026-10-25T12:00:00Z')), 300))).toBe(
      '2026-10-25T04:00:00.000Z',
    )
  })

  it('has nothing for a vehicle without visits', () => {
    expect(stays('2026-11-21T23:00:00Z', london, [])).toBe(null)
  })
})

describe('the building', () => {
  const plan = {
    nightW: 60_000,
    peakW: 96_000,
    noiseW: 3000,
    steps: [{ name: 'wash', powerW: 14_000, onS: 420, everyS: 1140, fromHour: 18, toHour: 23 }],
  }
  const building = (seed: number) => new Building(plan, seededRandom(seed), () => 0)
  const T0 = fromIso('2026-11-21T00:00:00Z')
  const day = (of: Building) =>
    Array.from({ length: 1440 }, (_, i) => sumPhases(of.loadW(later(T0, minutes(i)))))

  it('depends on time and seed alone', () => {
    expect(day(building(1))).toEqual(day(building(1)))
    expect(day(building(1))).not.toEqual(day(building(2)))
  })

  it('is low at night, high in the evening, and steps when a load switches', () => {
    const loads = day(building(1))
    expect(Math.min(...loads)).toBeGreaterThan(56_000)
    expect(Math.max(...loads)).toBeLessThan(114_000)
    expect(loads[3 * 60]).toBeLessThan(64_000)
    const evening = loads.slice(18 * 60, 20 * 60)
    const jumps = evening.slice(1).map((load, i) => Math.abs(load - (evening[i] ?? 0)))
    expect(Math.max(...jumps)).toBeGreaterThan(10_000)
  })

  it('is the same at one moment whatever was asked before', () => {
    const one = building(1)
    const late = later(T0, hours(7))
    const first = one.loadW(late)
    day(one)
    expect(one.loadW(late)).toEqual(first)
  })
})
