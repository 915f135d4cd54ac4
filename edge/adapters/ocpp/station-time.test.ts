import { fromIso, toIso } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { parseStationTime, stationTime, toStationTime } from './station-time.ts'

const NOW = fromIso('2026-11-21T18:00:00Z')

describe('T10: a time as stations write it', () => {
  test.each([
    ['2026-11-21T18:00:00Z', '2026-11-21T18:00:00.000Z'],
    ['2026-11-21T18:00:00.5Z', '2026-11-21T18:00:00.500Z'],
    ['2026-11-21T18:00:00.1234567Z', '2026-11-21T18:00:00.123Z'],
    ['2026-11-21T18:00:00,25z', '2026-11-21T18:00:00.250Z'],
    ['2026-11-21T19:00:00+01:00', '2026-11-21T18:00:00.000Z'],
    ['2026-11-21T19:30:00+0130', '2026-11-21T18:00:00.000Z'],
    ['2026-11-21T13:00:00-05', '2026-11-21T18:00:00.000Z'],
    ['2026-11-21T18:00:00', '2026-11-21T18:00:00.000Z'],
    ['2026-11-21 18:00:00', '2026-11-21T18:00:00.000Z'],
    ['2026-11-21 18:00:00 UTC', '2026-11-21T18:00:00.000Z'],
    ['2026-11-21T18:00Z', '2026-11-21T18:00:00.000Z'],
    ['20261121T180000Z', '2026-11-21T18:00:00.000Z'],
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['1795284000', '2026-11-21T18:00:00.000Z'],
    [' 1795284000000 ', '2026-11-21T18:00:00.000Z'],
  ])('%s is read', (stated, expected) => {
    const at = parseStationTime(stated)
    expect(at === null ? null : toIso(at)).toBe(expected)
  })

  test.each([
    '',
    'yesterday',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-21T25:00:00Z',
    '21.11.2026',
    '7',
  ])('%j is none', (stated) => expect(parseStationTime(stated)).toBeNull())
})

describe('the time we go by', () => {
  test.each([
    ['before 2020', '1970-01-01T00:00:10Z'],
    ['more than 60 s ahead', '2026-11-21T18:01:01Z'],
    ['unreadable', 'soon'],
  ])('is that of receipt when the stamp is %s, and no longer certain', (_what, stated) => {
    for (const kind of ['live', 'report'] as const)
      expect(stationTime(stated, NOW, kind)).toEqual({ at: NOW, stated, clock: 'estimated' })
  })

  test('is the stamp of a report however old, since reports wait in queues', () => {
    const stated = '2026-11-12T18:00:00Z'
    expect(stationTime(stated, NOW, 'report')).toEqual({ at: fromIso(stated), stated, clock: 'synced' })
  })

  test('is the stamp of a live message too, but an old one is not certain', () => {
    for (const [stated, clock] of [
      ['2026-11-21T17:59:00Z', 'synced'],
      ['2026-11-21T18:01:00Z', 'synced'],
      ['2026-11-21T17:58:59Z', 'estimated'],
      ['2026-11-12T18:00:00Z', 'estimated'],
    ] as const)
      expect(stationTime(stated, NOW, 'live')).toEqual({ at: fromIso(stated), stated, clock })
  })

  test('is that of receipt when there is no stamp, which for a report is a guess', () => {
    expect(stationTime(null, NOW, 'live')).toEqual({ at: NOW, stated: null, clock: 'synced' })
    expect(stationTime(null, NOW, 'report')).toEqual({ at: NOW, stated: null, clock: 'estimated' })
  })
})

test('what we send is whole seconds in UTC', () => {
  expect(toStationTime(fromIso('2026-11-21T18:00:00.999Z'))).toBe('2026-11-21T18:00:00Z')
})
