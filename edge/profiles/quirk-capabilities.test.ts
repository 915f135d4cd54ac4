import { amps, watts } from '@busbar/units/electricity.ts'
import { describe, expect, test } from 'vitest'
import type { StationCapabilities } from '../domain/inputs.ts'
import { withQuirks } from './quirk-capabilities.ts'
import { QUIRK_VALUES, type QuirkKey, type QuirkValues } from './quirk-values.ts'

const stated: StationCapabilities = {
  offline: 'fallback',
  startsAlone: false,
  settleS: 5,
  provenToObey: true,
  limitStepA: amps(1),
  minCurrentA: amps(6),
  minPowerW: watts(5000),
}
const threePhases = { phases: 3 } as const

describe('a quirk by which a limit may not bound the draw has the station counted at its rating', () => {
  test.each<QuirkValues>([
    { 'profile.spike-on-set-s': 10 },
    { 'profile.resend-after-zero': true },
    { 'profile.limit-via': { key: 'MaxCurrent', unit: 'A' } },
    { 'profile.unit': 'W' },
  ])('%j', (quirks) => {
    expect(withQuirks(stated, quirks, threePhases).unbounded).toBe(true)
  })
})

test.each([
  ['its one phase', { phases: 1 }],
  ['direct current', { dc: true }],
] as const)('profile.unit: watts say what flows on %s, so the limit counts', (_what, capabilities) => {
  expect(withQuirks(stated, { 'profile.unit': 'W' }, capabilities).unbounded).toBeUndefined()
})

test('profile.spike-on-set-s: a spike is given time to settle, or the limit would be sent again and bring the next', () => {
  expect(withQuirks(stated, { 'profile.spike-on-set-s': 20 }, threePhases).settleS).toBe(25)
})

test('profile.lost-on-reconnect: the station may go to full power whenever it loses us', () => {
  expect(withQuirks(stated, { 'profile.lost-on-reconnect': true }, threePhases).offline).toBe('full')
})

test('profile.kind Relative: a limit without an end is kept, and nothing else that is worse gets better', () => {
  const offline = (of: StationCapabilities['offline']) =>
    withQuirks({ ...stated, offline: of }, { 'profile.kind': 'Relative' }, threePhases).offline
  expect(['fallback', 'keeps', 'full', 'unknown'].map((of) => offline(of as 'keeps'))).toEqual([
    'keeps',
    'keeps',
    'full',
    'unknown',
  ])
})

test.each(['start.auto', 'transaction.infer-start'] as const)('%s: room is kept at all times', (key) => {
  expect(withQuirks(stated, { [key]: true }, threePhases).startsAlone).toBe(true)
})

test('profile.verify meter: no settle time proves a limit', () => {
  expect(withQuirks(stated, { 'profile.verify': 'meter' }, threePhases).provenToObey).toBe(false)
})

test('quirks that are switched off, and all others, leave the capabilities as they are', () => {
  const off: QuirkValues = {
    'profile.resend-after-zero': false,
    'profile.lost-on-reconnect': false,
    'profile.verify': 'composite',
    'profile.unit': 'A',
    'profile.kind': 'Absolute',
    'start.auto': false,
    'transaction.infer-start': false,
    'meter.no-trigger': true,
    'profile.stack-level': 0,
  }
  expect(withQuirks(stated, off, threePhases)).toEqual(stated)
  expect((Object.keys(off) as QuirkKey[]).every((key) => key in QUIRK_VALUES)).toBe(true)
})
