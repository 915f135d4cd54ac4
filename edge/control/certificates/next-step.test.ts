import { as } from '@busbar/model/ids.ts'
import { hours, instant } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { StationTrust } from '../../domain/charging/station-trust.ts'
import { nextStep, type TrustStep } from './next-step.ts'

const NOW = instant(0)
const days = (n: number) => instant(hours(24 * n))
const holding = (
  roots: readonly number[],
  certificate: [generation: number, days: number] | null,
): StationTrust => ({
  station: as('A'),
  roots,
  certificate: certificate && { serial: '1', generation: certificate[0], notAfter: days(certificate[1]) },
})

describe('what a station needs next of its certificates', () => {
  test.each<[string, StationTrust | undefined, readonly number[], boolean, TrustStep]>([
    ['nothing known: the root', undefined, [1], true, { do: 'install-root', generation: 1 }],
    ['the oldest root that it lacks first', undefined, [1, 2], true, { do: 'install-root', generation: 1 }],
    [
      'a root before a certificate',
      holding([1], [1, 10]),
      [1, 2],
      true,
      { do: 'install-root', generation: 2 },
    ],
    ['no certificate', holding([1], null), [1], true, { do: 'renew', because: 'none' }],
    ['no certificate needed', holding([1], null), [1], false, { do: 'nothing' }],
    ['one of the old root', holding([1, 2], [1, 300]), [1, 2], true, { do: 'renew', because: 'old-root' }],
    ['one that ends soon', holding([1], [1, 29]), [1], true, { do: 'renew', because: 'expires' }],
    ['one that has ended', holding([1], [1, -1]), [1], true, { do: 'renew', because: 'expires' }],
    ['one with time left', holding([1], [1, 31]), [1], true, { do: 'nothing' }],
    ['a root that has retired is not missed', holding([1, 2], [2, 300]), [2], true, { do: 'nothing' }],
  ])('%s', (_what, trust, generations, presents, step) => {
    expect(nextStep(trust, { generations, presents, now: NOW })).toEqual(step)
  })
})
