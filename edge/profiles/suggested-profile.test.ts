import { as, type MeterId, type StationId } from '@busbar/model/ids.ts'
import { instant } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { ConformanceResult } from '../domain/charging/conformance/conformance-results.ts'
import { suggestedProfile } from '../domain/charging/conformance/suggested-profile.ts'
import { stationProfileSchema } from './station-profile.ts'

const RESULT: ConformanceResult = {
  run: 'conformance-A/1-5',
  station: as<StationId>('A'),
  evse: 1,
  outcome: 'completed',
  reason: null,
  vendor: 'Acme',
  model: 'Wall & Box 22',
  firmware: 'P04_W2.2.0',
  protocol: 'ocpp1.6',
  meter: as<MeterId>('m'),
  steps: [],
  capabilities: {
    'smart-charging': 'transaction',
    'proven-to-obey': true,
    'settle-s': 7,
    'limit-steps-a': 0.5,
    'min-current-a': 6,
    pause: 'min-limit',
    offline: 'fallback',
    'fallback-a': 8,
    'meter-quantities': ['Current.Import'],
    soc: false,
    'local-list': true,
    reservation: false,
    unlock: true,
    'security-profiles': [1],
  },
  quirks: [{ key: 'profile.zero', value: 'ends', reason: 'a limit of 0 ended its transaction' }],
  started_at: instant(1),
  at: instant(Date.parse('2026-12-01T10:00:00Z')),
  by: 'ann',
}
const SOURCE = 'https://depot.example/runs/5'

describe('the profile that a conformance run suggests', () => {
  test.each<[string, Partial<ConformanceResult>]>([
    ['a whole result', {}],
    ['a station that tells nothing of itself', { vendor: null, model: null, firmware: null, protocol: null }],
    ['firmware without numbers', { firmware: 'spring' }],
  ])('loads as a station profile: %s', (_what, part) => {
    const read = stationProfileSchema.safeParse(suggestedProfile({ ...RESULT, ...part }, SOURCE))
    expect(read.error).toBeUndefined()
  })

  test('fits the model and firmware that were tested, and names who measured it when', () => {
    expect(suggestedProfile(RESULT, SOURCE)).toMatchObject({
      id: 'acme-wall-box-22',
      match: [{ vendor: 'Acme', model: 'Wall & Box 22', firmware: { min: '2.2.0', max: '2.2.0' } }],
      evidence: { who: 'ann', date: '2026-12-01', document: 'conformance run conformance-A/1-5' },
      quirks: [{ key: 'profile.zero', value: 'ends', sources: [SOURCE] }],
    })
  })
})
