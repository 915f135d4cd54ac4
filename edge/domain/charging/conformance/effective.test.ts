import { amps, watts } from '@busbar/units/electricity.ts'
import { describe, expect, test } from 'vitest'
import type { StationCapabilities } from '../../inputs.ts'
import type { MeasuredCapabilities, QuirkSeen } from './conformance-facts.ts'
import type { ConformanceEvidence } from './conformance-results.ts'
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
const DEVICE = { vendor: 'Acme', model: 'One', firmware: '1.0' }
interface More {
  readonly profile?: Partial<StationCapabilities>
  readonly device?: Partial<typeof DEVICE>
  readonly outcome?: 'completed' | 'aborted'
  readonly quirks?: readonly QuirkSeen[]
  readonly against?: readonly ConformanceEvidence[]
}
const of = (capabilities: MeasuredCapabilities, more: More = {}) => {
  const { profile, device, outcome = 'completed', quirks = [], against = [] } = more
  const result = { ...DEVICE, capabilities, quirks, outcome }
  return effectiveCapabilities({ ...PROFILE, ...profile }, { result, against }, { ...DEVICE, ...device })
}
const seen = (key: string, value: unknown): QuirkSeen => ({ key, value, reason: 'it was seen' })

describe('capabilities that were measured', () => {
  test('leave the profile as it is where there was no run', () => {
    expect(effectiveCapabilities(PROFILE, undefined, DEVICE)).toBe(PROFILE)
    expect(effectiveCapabilities(PROFILE, { result: null }, DEVICE)).toBe(PROFILE)
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

  test.each<More>([
    { device: { firmware: '2.0' } },
    { device: { vendor: 'Other' } },
    { device: { model: 'Two' } },
    { outcome: 'aborted' },
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

  test.each<More>([
    { device: { firmware: '2.0' } },
    { device: { vendor: 'Other' } },
    { device: { model: 'Two' } },
    { outcome: 'aborted' },
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

describe('quirks that a run saw count at once, as those of a profile do', () => {
  const sound = { offline: 'fallback', 'settle-s': 4, 'proven-to-obey': true } as const
  const lost = seen('profile.lost-on-reconnect', true)
  const resend = seen('profile.resend-after-zero', true)
  const spike = seen('profile.spike-on-set-s', 12)

  test('limits that a break of the link takes away leave it at its rating out of contact', () => {
    expect(of(sound, { quirks: [lost] })).toMatchObject({ offline: 'full', provenToObey: true })
  })

  test.each([[resend], [spike]])('%j: nothing surely bounds it', (quirk) => {
    expect(of(sound, { quirks: [quirk] }).unbounded).toBe(true)
  })

  test('a spike is given its time', () => {
    expect(of(sound, { quirks: [spike] }).settleS).toBe(12)
  })

  test('and when the result does not stand any more', () => {
    const more = { quirks: [lost, resend], device: { firmware: '2.0' } }
    expect(of(sound, more)).toMatchObject({ offline: 'full', unbounded: true })
  })

  test('others, and such as it has not, change nothing', () => {
    const quirks = [seen('meter.no-trigger', true), seen('profile.resend-after-zero', false)]
    expect(of(sound, { quirks })).toEqual(of(sound))
  })
})

describe('an aborted run beside a completed one', () => {
  const good = { offline: 'fallback', 'settle-s': 4, 'proven-to-obey': true, 'limit-steps-a': 0.5 } as const

  test('undoes no evidence where it found nothing worse', () => {
    const against = [{ capabilities: { 'proven-to-obey': true, 'settle-s': 3 }, quirks: [] }]
    expect(of(good, { against })).toEqual(of(good))
  })

  test('counts against the station with all that is worse, and never for it', () => {
    const against: ConformanceEvidence[] = [
      { capabilities: { offline: 'zero', 'settle-s': 20 }, quirks: [] },
      { capabilities: { 'smart-charging': 'none', 'proven-to-obey': false }, quirks: [] },
      { capabilities: {}, quirks: [seen('profile.lost-on-reconnect', true)] },
    ]
    expect(of(good, { against })).toMatchObject({
      offline: 'full',
      settleS: 20,
      provenToObey: false,
      smartCharging: 'none',
      limitStepA: 0.5,
    })
    expect(of(good, { against: against.slice(0, 1) })).toMatchObject({ offline: 'fallback', settleS: 20 })
  })
})
