import { describe, expect, test } from 'vitest'
import { securityFaults, securityProfileOf } from './check-security.ts'
import type { DepotConfig } from './schema.ts'

type Station = DepotConfig['stations'][number]
const station = (of: Partial<Station>): Station => ({
  ...{ id: 'A', circuit: 'f', allow_without_secret: false, evses: [] },
  ...of,
})
const SECRET = { secret: { virtual: 'secret-0123456789' } } as const
const wanted = (of: Partial<Station>, tls: boolean) =>
  securityFaults(station(of), tls).map(({ at, expected }) => `${at.join('.')}: ${expected}`)

describe('the security settings of a station', () => {
  test.each<[string, Partial<Station>, boolean, string[]]>([
    ['a secret alone', SECRET, false, []],
    ['nothing', {}, false, [': a secret, or allow_without_secret: true']],
    ['nothing, allowed', { allow_without_secret: true }, false, []],
    [
      'profile 0 with a secret',
      { ...SECRET, security_profile: 0 },
      false,
      [': a secret, or allow_without_secret: true'],
    ],
    [
      'profile 1 without a secret',
      { security_profile: 1 },
      false,
      [': a secret, since its security_profile is 1'],
    ],
    ['profile 2', { ...SECRET, security_profile: 2 }, true, []],
    [
      'profile 2 without a secret',
      { security_profile: 2 },
      true,
      [': a secret, since its security_profile is 2'],
    ],
    [
      'profile 2 without TLS',
      { ...SECRET, security_profile: 2 },
      false,
      ['security_profile: ocpp.tls, since profiles 2 and 3 run over TLS'],
    ],
    ['profile 3 without a secret', { security_profile: 3 }, true, []],
    ['moving up from 1 to 3', { ...SECRET, security_profile: 3, upgrading_from: 1 }, true, []],
    [
      'moving up from 1 to 3 without a secret',
      { security_profile: 3, upgrading_from: 1 },
      true,
      [': a secret, since its security_profile is 1'],
    ],
    [
      'moving down',
      { ...SECRET, security_profile: 1, upgrading_from: 2 },
      true,
      ['upgrading_from: a profile below 1'],
    ],
  ])('%s', (_what, of, tls, faults) => {
    expect(wanted(of, tls)).toEqual(faults)
  })

  test('say the profile by the secret where none is stated', () => {
    expect(securityProfileOf(station(SECRET))).toBe(1)
    expect(securityProfileOf(station({}))).toBe(0)
    expect(securityProfileOf(station({ security_profile: 3 }))).toBe(3)
  })
})
