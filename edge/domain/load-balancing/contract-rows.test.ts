import { as, type CircuitId, type EvseKey } from '@busbar/model/ids.ts'
import { describe, expect, test } from 'vitest'
import { allocate } from './allocate.ts'
import type { Duty } from './rows.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'
import { transition, worstCase } from './transition.ts'

const row = (id: string, duty: Duty, capacity: number): SiteSnapshot['rows'][number] => ({
  id,
  circuit: as<CircuitId>('c'),
  kind: 'l1',
  duty,
  limit: capacity,
  base: 0,
  capacity,
  mayRise: true,
  mayStart: true,
})
const evse = (key: string, loads: SnapshotEvse['loads'], of: Partial<SnapshotEvse> = {}): SnapshotEvse => ({
  key: as<EvseKey>(key),
  loads,
  steerable: true,
  hold: 6000,
  expected: 6000,
  fallback: 6000,
  stuck: 0,
  current: 6000,
  min: 6000,
  max: 32_000,
  step: 1000,
  wattsPerLevel: 0.23,
  weight: 1,
  rank: 0,
  resting: false,
  ...of,
})
/** L1 minus L2, which `a` loads and `b` relieves. */
const difference = (duty: Duty, capacity: number, b: Partial<SnapshotEvse> = {}): SiteSnapshot => ({
  rows: [row('difference', duty, capacity)],
  evses: [evse('a', [{ row: 0, perLevel: 1 }]), evse('b', [{ row: 0, perLevel: -1 }], b)],
  mayRise: true,
})
const raisesOf = (snapshot: SiteSnapshot) =>
  transition(snapshot, allocate(snapshot)).moves.map(({ key, level }) => [key, level])

describe('a row that one EVSE loads and another relieves', () => {
  test('as an agreed limit is kept by what they are expected to draw', () => {
    const even = difference('contract', 10_000, { current: 20_000, hold: 20_000 })
    expect(worstCase(even)).toEqual([-14_000])
    expect(raisesOf(even)).toEqual([
      ['a', 30_000],
      ['b', 32_000],
    ])
  })

  test('as a protected one counts that the relieving vehicle may stop', () => {
    const even = difference('protect', 10_000, { current: 20_000, hold: 20_000 })
    expect(worstCase(even)).toEqual([6000])
    expect(raisesOf(even)).toEqual([
      ['a', 10_000],
      ['b', 32_000],
    ])
  })

  test('takes no relief from one that we do not steer', () => {
    const lost = difference('contract', 10_000, { steerable: false, hold: 20_000, expected: 20_000 })
    expect(worstCase(lost)).toEqual([6000])
    expect(raisesOf(lost)).toEqual([['a', 10_000]])
  })

  test('over its limit stops only those that load it', () => {
    const over = difference('contract', -5000)
    expect(worstCase(over)).toEqual([0])
    expect(raisesOf(over)).toEqual([
      ['a', 0],
      ['b', 32_000],
    ])
  })
})
