import { amps, watts } from '@busbar/units/electricity.ts'
import { describe, expect, test } from 'vitest'
import type { StationCapabilities } from '../../inputs.ts'
import type { MeasuredCapabilities } from './conformance-facts.ts'
import { effectiveCapabilities } from './effective.ts'

const PROFILE: StationCapabilities = {
  offline: 'unknown',
  startsAlone: true,
  settleS: 30,
  provenToObey: false,
  limitStepA: amps(1),
  minCurrentA: amps(6),
  minPowerW: watts(5000),
}
const of = (
  capabilities: MeasuredCapabilities,
  more: { profile?: Partial<StationCapabilities>; firmware?: string; outcome?: 'completed' | 'aborted' } = {},
) =>
  effectiveCapabilities(
    { ...PROFILE, ...more.profile },
    { capabilities, firmware: '1.0', outcome: more.outcome ?? 'completed' },
    more.firmware ?? '1.0',
  )

describe('capabilities that were measured', () => {
  test('leave the profile as it is where there was no run', () => {
    expect(effectiveCapabilities(PROFILE, null, '1.0')).toBe(PROFILE)
  })

  test.each<[MeasuredCapabilities, Partial<StationCapabilities>]>([
    [{ offline: 'fallback' }, { offline: 'fallback' }],
    [{ offline: 'full' }, { offline: 'full' }],
    [{ 'settle-s': 7 }, { settleS: 7 }],
    [{ 'proven-to-obey': true }, { provenToObey: true }],
    [{ 'limit-steps-a': 2 }, { limitStepA: amps(2) }],
    [{ 'min-current-a': 8 }, { minCurrentA: amps(8) }],
    [{ 'fallback-a': 10 }, { fallbackA: amps(10) }],
    [{ 'smart-charging': 'none' }, { smartCharging: 'none' }],
  ])('%j take the place of what the profile states', (measured, expected) => {
    expect(of(measured)).toEqual({ ...PROFILE, ...expected })
  })

  test('that were not measured stay as the profile states them', () => {
    const profile = { offline: 'keeps', settleS: 12 } as const
    expect(of({ 'limit-steps-a': 2 }, { profile })).toMatchObject({ offline: 'keeps', settleS: 12 })
  })

  test.each([
    { firmware: '2.0', outcome: 'completed' as const },
    { firmware: '1.0', outcome: 'aborted' as const },
  ])('by a run that does not stand any more prove nothing: %j', (more) => {
    const good = {
      offline: 'zero',
      'proven-to-obey': true,
      'settle-s': 2,
      'limit-steps-a': 0.1,
      'min-current-a': 5,
    } as const
    expect(of(good, more)).toMatchObject({
      offline: 'unknown',
      provenToObey: false,
      settleS: 30,
      limitStepA: 1,
      minCurrentA: 6,
    })
  })

  test.each([
    { firmware: '2.0', outcome: 'completed' as const },
    { firmware: '1.0', outcome: 'aborted' as const },
  ])('and still count against the station: %j', (more) => {
    const bad = {
      offline: 'full',
      'settle-s': 60,
      'limit-steps-a': 4,
      'min-current-a': 8,
      'fallback-a': 16,
      'smart-charging': 'none',
    } as const
    const profile = { offline: 'fallback', provenToObey: true } as const
    expect(of(bad, { ...more, profile })).toMatchObject({
      offline: 'full',
      provenToObey: false,
      settleS: 60,
      limitStepA: 4,
      minCurrentA: 8,
      fallbackA: 16,
      smartCharging: 'none',
    })
  })
})
