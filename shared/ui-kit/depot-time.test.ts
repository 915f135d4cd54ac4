import { describe, expect, test } from 'vitest'
import { depotTime } from './depot-time.ts'

describe('times are shown in the zone of the depot', () => {
  test.each([
    ['Europe/London', '2026-11-21T23:47:12.345Z', '23:47', '23:47:12', 'Sat 21 Nov, 23:47'],
    ['Europe/Berlin', '2026-11-21T23:47:12.345Z', '00:47', '00:47:12', 'Sun 22 Nov, 00:47'],
    ['America/New_York', '2026-07-01T04:00:00.000Z', '00:00', '00:00:00', 'Wed 1 Jul, 00:00'],
  ])('%s', (zone, iso, clock, seconds, day) => {
    const times = depotTime(zone)
    expect([times.clock(iso), times.seconds(iso), times.day(iso)]).toEqual([clock, seconds, day])
  })

  test('an unknown time is a dash in every form', () => {
    const times = depotTime('Europe/London')
    const forms = [times.clock, times.seconds, times.day, times.full].map((form) => form(null))
    expect([...forms, times.near(null, 0)]).toEqual(['–', '–', '–', '–', '–'])
  })

  test('a time of another local day carries its day', () => {
    const times = depotTime('Europe/London')
    const now = Date.parse('2026-11-22T00:10:00Z')
    expect(times.near('2026-11-22T00:02:00Z', now)).toBe('00:02')
    expect(times.near('2026-11-21T23:58:00Z', now)).toBe('Sat 21 Nov, 23:58')
  })

  test('a zone the browser does not know is shown as UTC and says so', () => {
    const times = depotTime('Mars/Olympus')
    expect(times.clock('2026-07-01T12:00:00Z')).toBe('12:00')
    expect(times.full('2026-07-01T12:00:00Z')).toContain('UTC')
  })
})
