import { fromIso, type Instant, later, seconds } from '@busbar/units/time.ts'
import { describe, expect, it } from 'vitest'
import { ChargingProfile } from './charging-profile.ts'
import { offeredLimit, type Rating } from './offered-limit.ts'
import type { InstalledProfile } from './profile-limits.ts'

const T0 = fromIso('2026-11-21T18:00:00Z')
const AC: Rating = { kind: 'ac', value: 32, phases: 3 }
const DC: Rating = { kind: 'dc', value: 150_000, phases: 3 }
const running = { startedAt: T0 }

interface Given {
  purpose?: 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'
  kind?: 'Absolute' | 'Relative' | 'Recurring'
  stack?: number
  unit?: 'A' | 'W'
  limit?: number
  periods?: { startPeriod: number; limit: number; numberPhases?: number }[]
  start?: string
  duration?: number
  validFrom?: string
  validTo?: string
  connector?: number
  of?: InstalledProfile['transaction']
}

let ids = 0
function holds(given: Given): InstalledProfile {
  const purpose = given.purpose ?? 'TxDefaultProfile'
  const profile = ChargingProfile.parse({
    chargingProfileId: ++ids,
    stackLevel: given.stack ?? 0,
    chargingProfilePurpose: purpose,
    chargingProfileKind: given.kind ?? 'Absolute',
    validFrom: given.validFrom,
    validTo: given.validTo,
    chargingSchedule: {
      duration: given.duration,
      startSchedule: given.start,
      chargingRateUnit: given.unit ?? 'A',
      chargingSchedulePeriod: given.periods ?? [{ startPeriod: 0, limit: given.limit ?? 10 }],
    },
  })
  const transaction = given.of === undefined && purpose === 'TxProfile' ? running : (given.of ?? null)
  return {
    connectorId: given.connector ?? (purpose === 'TxProfile' ? 1 : 0),
    profile,
    installedAt: T0,
    transaction,
  }
}

const after = (s: number): Instant => later(T0, seconds(s))

/** name, rating, profiles, seconds after the transaction began, what is offered */
const TABLE: readonly (readonly [string, Rating, readonly Given[], number, number])[] = [
  ['no profile: the rating', AC, [], 0, 32],
  ['a default alone', AC, [{ limit: 10 }], 0, 10],
  ['a profile above the rating changes nothing', AC, [{ limit: 80 }], 0, 32],
  ['zero is a limit', AC, [{ limit: 0 }], 0, 0],
  [
    'TxProfile before TxDefaultProfile, also upwards',
    AC,
    [{ limit: 10 }, { purpose: 'TxProfile', limit: 20 }],
    0,
    20,
  ],
  [
    'TxProfile before a TxDefaultProfile of a higher stack level',
    AC,
    [
      { limit: 8, stack: 9 },
      { purpose: 'TxProfile', limit: 20 },
    ],
    0,
    20,
  ],
  [
    'a TxProfile of another transaction does not count',
    AC,
    [{ limit: 10 }, { purpose: 'TxProfile', limit: 20, of: { startedAt: T0 } }],
    0,
    10,
  ],
  [
    'the higher stack level wins',
    AC,
    [
      { limit: 20, stack: 1 },
      { limit: 12, stack: 2 },
      { limit: 25, stack: 0 },
    ],
    0,
    12,
  ],
  [
    'at one stack level the connector wins over the station',
    AC,
    [{ limit: 20 }, { limit: 12, connector: 1 }],
    0,
    12,
  ],
  [
    'a lease holds to its last second',
    AC,
    [{ limit: 8 }, { purpose: 'TxProfile', limit: 20, start: '2026-11-21T17:59:00Z', duration: 160 }],
    99,
    20,
  ],
  [
    'a lapsed lease falls back to the default',
    AC,
    [{ limit: 8 }, { purpose: 'TxProfile', limit: 20, start: '2026-11-21T17:59:00Z', duration: 160 }],
    100,
    8,
  ],
  [
    'a lapsed lease without a default falls to the rating',
    AC,
    [{ purpose: 'TxProfile', limit: 20, start: '2026-11-21T17:59:00Z', duration: 160 }],
    100,
    32,
  ],
  [
    'a lapsed stack level uncovers the one below',
    AC,
    [
      { limit: 8, stack: 0 },
      { limit: 16, stack: 3, start: '2026-11-21T18:00:00Z', duration: 60 },
    ],
    60,
    8,
  ],
  [
    'a duration of zero never holds',
    AC,
    [{ limit: 8 }, { purpose: 'TxProfile', limit: 20, kind: 'Relative', duration: 0 }],
    0,
    8,
  ],
  [
    'a schedule that has not begun does not count',
    AC,
    [{ limit: 8 }, { purpose: 'TxProfile', limit: 20, start: '2026-11-21T18:10:00Z' }],
    0,
    8,
  ],
  [
    'several periods: the first',
    AC,
    [
      {
        purpose: 'TxProfile',
        kind: 'Relative',
        periods: [
          { startPeriod: 0, limit: 6 },
          { startPeriod: 60, limit: 16 },
          { startPeriod: 120, limit: 0 },
        ],
      },
    ],
    59,
    6,
  ],
  [
    'several periods: the second from its very start',
    AC,
    [
      {
        purpose: 'TxProfile',
        kind: 'Relative',
        periods: [
          { startPeriod: 0, limit: 6 },
          { startPeriod: 60, limit: 16 },
          { startPeriod: 120, limit: 0 },
        ],
      },
    ],
    60,
    16,
  ],
  [
    'several periods: the last has no end without a duration',
    AC,
    [
      {
        purpose: 'TxProfile',
        kind: 'Relative',
        periods: [
          { startPeriod: 0, limit: 6 },
          { startPeriod: 60, limit: 16 },
        ],
      },
    ],
    90_000,
    16,
  ],
  ['absolute without startSchedule counts from the transaction', AC, [{ limit: 8, duration: 60 }], 60, 32],
  [
    'relative ignores startSchedule',
    AC,
    [{ purpose: 'TxProfile', kind: 'Relative', start: '2026-11-20T00:00:00Z', duration: 60, limit: 9 }],
    30,
    9,
  ],
  [
    'a daily profile comes back',
    AC,
    [{ kind: 'Recurring', start: '2026-11-18T18:00:00Z', duration: 3600, limit: 7 }],
    600,
    7,
  ],
  [
    'a daily profile is over for today',
    AC,
    [{ kind: 'Recurring', start: '2026-11-18T18:00:00Z', duration: 3600, limit: 7 }],
    3600,
    32,
  ],
  ['validFrom is waited for', AC, [{ limit: 8, validFrom: '2026-11-21T18:01:00Z' }], 59, 32],
  ['validTo ends it', AC, [{ limit: 8, validTo: '2026-11-21T18:01:00Z' }], 60, 32],
  ['watts are spread over three phases', AC, [{ unit: 'W', limit: 6900 }], 0, 10],
  [
    'watts on one phase',
    AC,
    [{ unit: 'W', periods: [{ startPeriod: 0, limit: 2300, numberPhases: 1 }] }],
    0,
    10,
  ],
  ['a DC limit is watts of output', DC, [{ unit: 'W', limit: 40_000 }], 0, 40_000],
  [
    'the station maximum caps a TxProfile',
    AC,
    [
      { purpose: 'ChargePointMaxProfile', limit: 12 },
      { purpose: 'TxProfile', limit: 20 },
    ],
    0,
    12,
  ],
  [
    'the station maximum raises nothing',
    AC,
    [
      { purpose: 'ChargePointMaxProfile', limit: 30 },
      { purpose: 'TxProfile', limit: 20 },
    ],
    0,
    20,
  ],
  [
    'the station maximum counts with no other profile',
    AC,
    [{ purpose: 'ChargePointMaxProfile', limit: 12 }],
    0,
    12,
  ],
]

describe('OCPP 1.6 3.13: which charging profile holds', () => {
  it.each(TABLE)('%s', (_name, rating, given, elapsedS, expected) => {
    const offered = offeredLimit(rating, given.map(holds), after(elapsedS), running)
    expect(offered.value).toBeCloseTo(expected, 6)
  })
})
