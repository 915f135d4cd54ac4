import { as, type MeterId } from '@busbar/model/ids.ts'
import { instant, milliseconds, monotonic, seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { MeterQuality } from '../facts.ts'
import type { MeterReading } from '../inputs.ts'
import { heard, type MeterTrust, meterQuality, missed, qualityAtAge, unheard } from './meter-trust.ts'

const POLL = seconds(1)
const at = (s: number) => monotonic(s * 1000)
const reading = (s: number): MeterReading => ({
  meter: as<MeterId>('grid'),
  measuredAt: instant(s * 1000),
  measuredAtMonotonic: at(s),
})
const failure = (s: number) => ({
  meter: as<MeterId>('grid'),
  at: at(s),
  code: 'timeout',
  reason: 'no answer',
})
/** What we know after readings at these times, s; `miss` is a failed read. */
const after = (...events: readonly (number | 'miss')[]): MeterTrust =>
  events.reduce<MeterTrust>(
    (trust, event) => (event === 'miss' ? missed(trust, failure(0)) : heard(trust, reading(event), POLL)),
    unheard(at(0)),
  )
const fiveGood = [1, 2, 3, 4, 5] as const

describe('a meter polled each second is', () => {
  test.each<[string, MeterTrust, number, MeterQuality]>([
    ['in reserve when it was never heard', unheard(at(0)), 0, 'reserve'],
    ['in reserve for a minute of never being heard', unheard(at(0)), 60, 'reserve'],
    ['static after a minute of never being heard', unheard(at(0)), 61, 'static'],
    ['held with its first reading', after(1), 1, 'hold'],
    ['held with four', after(1, 2, 3, 4), 4, 'hold'],
    ['live with five in a row', after(...fiveGood), 5, 'live'],
    ['live two polls later', after(...fiveGood), 7, 'live'],
    ['held beyond that', after(...fiveGood), 7.2, 'hold'],
    ['held up to ten seconds', after(...fiveGood), 15, 'hold'],
    ['in reserve beyond ten seconds', after(...fiveGood), 15.1, 'reserve'],
    ['in reserve up to a minute', after(...fiveGood), 65, 'reserve'],
    ['static beyond a minute', after(...fiveGood), 65.1, 'static'],
    ['held with the first reading after a gap', after(...fiveGood, 20), 20, 'hold'],
    ['held with the fourth after a gap', after(...fiveGood, 20, 21, 22, 23), 23, 'hold'],
    ['live with the fifth after a gap', after(...fiveGood, 20, 21, 22, 23, 24), 24, 'live'],
    ['held when a gap breaks its recovery', after(...fiveGood, 20, 21, 22, 30, 31), 31, 'hold'],
    [
      'held when a failed read breaks its recovery',
      after(...fiveGood, 20, 21, 'miss', 22, 23, 24),
      24,
      'hold',
    ],
    ['live although one read failed', after(...fiveGood, 'miss', 7), 7, 'live'],
  ])('%s', (_sentence, trust, now, quality) => {
    expect(meterQuality(trust, at(now), POLL)).toBe(quality)
  })

  test('never live when it is polled less often than each five seconds', () => {
    expect(qualityAtAge(seconds(5.1), seconds(10))).toBe('hold')
  })

  test('given at least half a second, however often it is polled', () => {
    expect(qualityAtAge(milliseconds(500), milliseconds(100))).toBe('live')
    expect(qualityAtAge(milliseconds(501), milliseconds(100))).toBe('hold')
  })
})

test('a failed read keeps the last reading and says why', () => {
  expect(after(...fiveGood, 'miss')).toMatchObject({ reading: reading(5), failure: { code: 'timeout' } })
  expect(after(...fiveGood, 'miss', 6).failure).toBeNull()
})
