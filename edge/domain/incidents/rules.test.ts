import { as, type EvseKey, type StationId } from '@busbar/model/ids.ts'
import { instant } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { Scene } from './rule.ts'
import { RULES } from './rules.ts'

const fine: Scene['stations'][number] = {
  station: as<StationId>('A'),
  offlineMs: null,
  heldKw: 0,
  fault: null,
  disobeying: [],
  fallbackRefused: false,
}
const silent = (quality: Scene['meters'][number]['quality'], silentMs: number): Partial<Scene> => ({
  meters: [{ id: 'grid', name: 'Grid meter', quality, silentMs, reason: 'no answer' }],
})
const station = (of: Partial<Scene['stations'][number]>): Partial<Scene> => ({
  stations: [{ ...fine, ...of }],
})
const over = (forMs: number): Partial<Scene> => ({
  overloads: [{ row: 'grid/l1', name: 'Grid', text: '101 of 100 A on L1', forMs }],
})

describe('an incident is found', () => {
  test.each<[string, Partial<Scene>, readonly string[]]>([
    ['never where all is well', station({}), []],
    ['never for the seconds that a limit takes', over(10_000), []],
    ['when a row stays above its limit', over(10_001), ['1 circuit.over-limit grid/l1']],
    ['never for a short silence of a meter', silent('reserve', 15_000), []],
    ['when a meter stays silent', silent('reserve', 15_001), ['2 meter.silent grid']],
    ['and is worse when all stand at their fallback', silent('static', 61_000), ['1 meter.silent grid']],
    ['never for a station that is gone for a minute', station({ offlineMs: 60_000 }), []],
    ['when a station stays away', station({ offlineMs: 60_001, heldKw: 11 }), ['2 station.offline A']],
    ['when a station has a fault', station({ fault: 'GroundFailure' }), ['2 station.faulted A']],
    [
      'when a station refuses its fallback',
      station({ fallbackRefused: true }),
      ['2 limit.fallback-refused A'],
    ],
    ['when a station flaps', station({ flapping: true, heldKw: 7 }), ['2 station.flapping A']],
    [
      'for each EVSE that was tested with another firmware',
      station({ recheck: [{ evse: as<EvseKey>('A/1'), label: 'A/1', firmware: '2' }] }),
      ['4 station.unproven A/1'],
    ],
    [
      'for each EVSE that refuses its limits',
      station({ refusing: [{ evse: as<EvseKey>('A/1'), label: 'A/1' }] }),
      ['2 limit.refused A/1'],
    ],
    [
      'for each EVSE that does not hold its limit',
      station({ notHeld: [{ evse: as<EvseKey>('A/1'), label: 'A/1', says: '32 A' }] }),
      ['2 limit.not-held A/1'],
    ],
    [
      'for a vehicle that does not wake',
      { asleep: [{ evse: as<EvseKey>('A/1'), label: 'A/1', vehicle: 'bus' }] },
      ['2 vehicle.asleep A/1'],
    ],
    [
      'for a firmware image that is not what it is said to be',
      { refusedImages: [{ image: 'fw', reason: 'its SHA-256 is another' }] },
      ['2 firmware.refused fw'],
    ],
    [
      'for each step taken against an overload',
      { fought: [{ row: 'grid/l1', name: 'Grid', text: '101.0 of 100.0 A on L1', step: 'stop' }] },
      ['1 overload.minimum grid/l1', '1 overload.zero grid/l1', '1 overload.stop grid/l1'],
    ],
    [
      'for each EVSE that does not obey',
      station({
        disobeying: [
          { evse: as<EvseKey>('A/1'), label: 'A/1', limit: '16 A', drawn: '20.0 A' },
          { evse: as<EvseKey>('A/2'), label: 'A/2', limit: '6 A', drawn: '9.0 A' },
        ],
      }),
      ['2 limit.not-obeyed A/1', '2 limit.not-obeyed A/2'],
    ],
  ])('%s', (_sentence, of, found) => {
    const scene: Scene = { now: instant(0), stations: [], meters: [], overloads: [], orphans: 0, ...of }
    const findings = RULES.flatMap((rule) => rule(scene))
    expect(findings.map(({ severity, code, subject }) => `${severity} ${code} ${subject.id}`)).toEqual(found)
    for (const { text, action } of findings)
      expect([text, action].every((words) => words.length > 10)).toBe(true)
  })
})
