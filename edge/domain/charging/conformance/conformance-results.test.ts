import { as, evseKey, type StationId } from '@busbar/model/ids.ts'
import { instant } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { StoredFact } from '../../facts.ts'
import type { ConformanceFactTypes } from './conformance-facts.ts'
import { type ConformanceRecord, conformanceResults } from './conformance-results.ts'

const station = as<StationId>('A')
const evidence = {
  capabilities: { offline: 'full' },
  quirks: [{ key: 'k', value: true, reason: 'r' }],
} as const

type Ended = Partial<ConformanceFactTypes['ConformanceEnded']>
const completed = (run: string, more: Ended = {}): Ended => ({ run, outcome: 'completed', ...more })
const aborted = (run: string, more: Ended = {}): Ended => ({
  ...{ run, outcome: 'aborted', reason: 'why', ...evidence },
  ...more,
})

/** The record after runs that ended so, one after the other. */
function after(...ends: readonly Ended[]): ConformanceRecord | undefined {
  return ends.reduce<ConformanceRecord | undefined>((row, more, n) => {
    const data: ConformanceFactTypes['ConformanceEnded'] = {
      ...{ run: 'r', station, evse: 1, outcome: 'completed', reason: null, vendor: 'v', model: 'm' },
      ...{ firmware: '1', protocol: null, meter: null, steps: [], capabilities: {}, quirks: [] },
      ...{ started_at: instant(0), by: 'ann' },
      ...more,
    }
    const entity = { type: 'evse', id: evseKey(station, 1) } as const
    const fact = { type: 'ConformanceEnded', occurred_at: instant(n), clock: 'synced', entity, data } as const
    const stored: StoredFact = { seq: n, recorded_at: instant(n), fact }
    expect(conformanceResults.keys(stored)).toEqual(['A/1'])
    return conformanceResults.next(row, stored)
  }, undefined)
}

describe('what is kept of conformance runs', () => {
  test('an aborted run is the result where there is no other', () => {
    expect(after(aborted('1'))).toMatchObject({ result: { run: '1' }, against: [], aborted: 'why' })
  })

  test('beside a completed one it is kept as evidence against the station, each of them', () => {
    const other = { capabilities: { 'settle-s': 20 }, quirks: [] }
    expect(after(completed('1'), aborted('2'), aborted('3', other))).toMatchObject({
      result: { run: '1', outcome: 'completed' },
      against: [evidence, other],
      aborted: 'why',
    })
  })

  test('an aborted run that another one follows is no less evidence', () => {
    expect(after(aborted('1'), aborted('2', { capabilities: {}, quirks: [] }))).toMatchObject({
      result: { run: '2' },
      against: [evidence],
    })
  })

  test('a completed run takes the place of all before it', () => {
    expect(after(completed('1'), aborted('2'), completed('3'))).toMatchObject({
      result: { run: '3' },
      against: [],
      aborted: null,
    })
    expect(after(aborted('1'), completed('2'))).toMatchObject({ result: { run: '2' }, against: [] })
  })
})
