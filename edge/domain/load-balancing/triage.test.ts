import { as, type EvseKey } from '@busbar/model/ids.ts'
import { describe, expect, test } from 'vitest'
import { allocate } from './allocate.ts'
import { promiseByDeparture } from './deadline-order.ts'
import { levelsOf, plainEvse, plainRow, plainSnapshot } from './plain-snapshot.ts'
import type { SnapshotEvse } from './snapshot.ts'
import { type TriageCase, triage, withTriage } from './triage.ts'

type Vehicle = Partial<Omit<TriageCase, 'key'>> & { readonly evse?: Partial<SnapshotEvse> }

/** DC vehicles of at most 50 kW below a power row, so that Wh and W speak for themselves. */
const depot = (capacityKw: number, vehicles: Record<string, Vehicle>) => {
  const dc = { min: 5000, max: 50_000, step: 100, wattsPerLevel: 1 }
  const snapshot = plainSnapshot(
    [plainRow('power', capacityKw * 1000)],
    Object.entries(vehicles).map(([key, { evse }]) => plainEvse(key, [0], { ...dc, ...evse })),
  )
  const cases = Object.entries(vehicles).map(
    ([key, { evse: _, ...of }]): TriageCase => ({
      key: as<EvseKey>(key),
      leavesInH: 2,
      mustWh: 40_000,
      bestW: 50_000,
      ...of,
    }),
  )
  return { snapshot, cases, found: triage(snapshot, cases) }
}
const verdicts = (capacityKw: number, vehicles: Record<string, Vehicle>) =>
  Object.fromEntries(depot(capacityKw, vehicles).found.verdicts)

describe('triage', () => {
  test('does nothing while all can have what they must have', () => {
    const { found, snapshot, cases } = depot(40, { a: {}, b: {} })
    expect(found).toEqual({
      engaged: false,
      verdicts: new Map([
        ['a', 'kept'],
        ['b', 'kept'],
      ]),
    })
    expect(withTriage(snapshot.evses, found, cases)).toBe(snapshot.evses)
  })

  test('defers the largest need of the lowest tier, and no more than needed', () => {
    expect(verdicts(40, { a: { mustWh: 30_000 }, b: { mustWh: 45_000 }, c: { mustWh: 40_000 } })).toEqual({
      a: 'kept',
      b: 'deferred',
      c: 'kept',
    })
    const low = { evse: { tier: 2 }, mustWh: 36_000 }
    expect(verdicts(40, { a: {}, b: low, c: {} })).toEqual({ a: 'kept', b: 'deferred', c: 'kept' })
  })

  test('counts only what leaves until then: a later departure takes nothing from an earlier one', () => {
    expect(
      verdicts(20, { a: { leavesInH: 1, mustWh: 20_000 }, b: { leavesInH: 4, mustWh: 60_000 } }),
    ).toEqual({
      a: 'kept',
      b: 'kept',
    })
    expect(
      verdicts(20, { a: { leavesInH: 1, mustWh: 21_000 }, b: { leavesInH: 4, mustWh: 30_000 } }),
    ).toEqual({
      a: 'deferred',
      b: 'kept',
    })
  })

  test('never lets one that cannot be ready displace one that can', () => {
    const late = { leavesInH: 0.5, mustWh: 90_000 }
    expect(verdicts(45, { late, a: { leavesInH: 1 } })).toEqual({ late: 'hopeless', a: 'kept' })
    expect(depot(45, { late, a: { leavesInH: 1 } }).found.engaged).toBe(true)
    expect(depot(99, { late, a: { leavesInH: 1 } }).found.engaged).toBe(false)
  })

  test('keeps what somebody put first by hand, and changes its mind for nobody alike', () => {
    expect(verdicts(40, { a: { mustWh: 50_000, evse: { deferred: false } }, b: { mustWh: 40_000 } })).toEqual(
      {
        a: 'kept',
        b: 'deferred',
      },
    )
    const barely = { a: { mustWh: 41_000 }, b: { wasDeferred: true } }
    expect(verdicts(40, barely)).toEqual({ a: 'kept', b: 'deferred' })
  })

  test('gives those kept all they can take, and the others the same part of what they need', () => {
    const { snapshot, cases, found } = depot(45, {
      a: { leavesInH: 0.9, mustWh: 35_000, evse: { max: 40_000 } },
      b: { leavesInH: 1, mustWh: 40_000 },
      c: { leavesInH: 1, mustWh: 48_000 },
      done: { mustWh: 0 },
    })
    expect(Object.fromEntries(found.verdicts)).toEqual({
      a: 'kept',
      b: 'deferred',
      c: 'deferred',
      done: 'met',
    })
    const shares = allocate({ ...snapshot, evses: withTriage(snapshot.evses, found, cases) })
    expect(levelsOf(shares)).toEqual({ a: 40, b: 5, c: 0, done: 0 })
    const wide = plainSnapshot([plainRow('power', 84_000)], withTriage(snapshot.evses, found, cases))
    expect(levelsOf(allocate(wide))).toEqual({ a: 40, b: 17.7, c: 21.3, done: 5 })
  })

  test('serves those kept in the order in which they leave, beside everyone’s minimum', () => {
    const { snapshot, cases, found } = depot(40, {
      a: { leavesInH: 1, mustWh: 30_000 },
      b: { leavesInH: 4, mustWh: 60_000, evse: { weight: 4 } },
      c: { leavesInH: 1, mustWh: 40_000 },
    })
    expect(Object.fromEntries(found.verdicts)).toEqual({ a: 'kept', b: 'kept', c: 'deferred' })
    const kept = { ...snapshot, evses: withTriage(snapshot.evses, found, cases) }
    expect(levelsOf(allocate(kept))).toEqual({ a: 8, b: 32, c: 0 })
    expect(levelsOf(allocate(promiseByDeparture(kept, found, cases)))).toEqual({ a: 35, b: 5, c: 0 })
  })
})
