import { as, type EvseKey } from '@busbar/model/ids.ts'
import fc from 'fast-check'
import { afterAll, describe, expect } from 'vitest'
import { check, checkReasons } from '../checker.ts'
import type { SiteSnapshot, SnapshotEvse } from '../snapshot.ts'
import { anySite } from './any-site.ts'
import {
  down,
  largestStep,
  levelIn,
  onRow,
  rowLoad,
  sameLevels,
  smallest,
  steered,
  stepUp,
} from './own-arithmetic.ts'
import { proves } from './proves.ts'

const tally = { instances: 0, scarce: 0 }
const withEvses = (snapshot: SiteSnapshot, evses: readonly SnapshotEvse[]): SiteSnapshot => ({
  ...snapshot,
  evses,
})

describe('every allocation, on any site', () => {
  proves(
    '1: keeps every row within its capacity, or adds nothing to one that is over without it',
    {
      drawn: anySite(),
      holds: (allocator, snapshot) => {
        const shares = allocator(snapshot)
        tally.instances++
        if ([...shares.values()].some(({ bound }) => 'row' in bound)) tally.scarce++
        return snapshot.rows.every(({ capacity }, row) => {
          if (rowLoad(snapshot, shares, row) <= capacity) return true
          return steered(snapshot).every((evse) => {
            const at = Math.max(levelIn(shares, evse), evse.stuck)
            return (
              onRow(snapshot, evse, { row, level: at }) <=
              Math.max(0, onRow(snapshot, evse, { row, level: evse.stuck }))
            )
          })
        })
      },
      runs: 400,
    },
    {
      foundOut: [
        'forgets a row',
        'sees a tenth more room than there is',
        'takes protected rows for agreed ones',
        'counts nothing for stations out of reach',
        'forgets what is stuck',
        'splits power modules',
        'rounds up to the next set-point',
      ],
    },
  )

  proves(
    '2: gives each EVSE nothing, or a set-point from its minimum to its maximum',
    {
      drawn: anySite(),
      holds: (allocator, snapshot) => {
        const shares = allocator(snapshot)
        return steered(snapshot).every((evse) => {
          const level = levelIn(shares, evse)
          return level === 0 || level === down(evse, level)
        })
      },
    },
    { foundOut: ['gives half an ampere more', 'forgets what a vehicle may take'] },
  )

  proves(
    '3: is what it would be without a station out of reach, had the rows that much less',
    {
      drawn: anySite({ most: 60 }),
      holds: (allocator, snapshot) => {
        const lost = snapshot.evses.find(({ steerable, expected }) => !steerable && expected > 0)
        if (lost === undefined) return null
        const rows = snapshot.rows.map((row, index) => ({
          ...row,
          capacity: row.capacity - onRow(snapshot, lost, { row: index, level: lost.expected }),
        }))
        const others = snapshot.evses.filter((evse) => evse !== lost)
        const alone = allocator({ ...snapshot, rows, evses: others })
        const shares = allocator(snapshot)
        return others.every((evse) => levelIn(shares, evse) === levelIn(alone, evse))
      },
      runs: 200,
    },
    { foundOut: ['counts nothing for stations out of reach'], saying: 0.4 },
  )

  proves(
    '4: loads a row that loses capacity no more than before, but for a step',
    {
      drawn: fc.tuple(anySite({ relieved: false }), fc.nat(1000), fc.nat(60_000)),
      holds: (allocator, [snapshot, at, less]) => {
        const row = at % snapshot.rows.length
        const rows = snapshot.rows.map((each, index) =>
          index === row ? { ...each, capacity: each.capacity - less } : each,
        )
        const before = rowLoad(snapshot, allocator(snapshot), row)
        const after = rowLoad(snapshot, allocator({ ...snapshot, rows }), row)
        return after <= before + largestStep(snapshot, row)
      },
      runs: 300,
    },
    { foundOut: ['gives a row more the less it has'] },
  )

  proves(
    '8: does not depend on the order of EVSEs, nor on their names where ranks differ',
    {
      drawn: fc.tuple(anySite(), fc.nat(1000)),
      holds: (allocator, [snapshot, by]) => {
        const { evses } = snapshot
        const at = by % evses.length
        const turned = [...evses.slice(at), ...evses.slice(0, at)].reverse()
        const rename = (evse: SnapshotEvse, index: number): SnapshotEvse => ({
          ...evse,
          key: as<EvseKey>(`${String((index * 619 + by) % 1009).padStart(4, '0')}-${index}`),
        })
        const shares = allocator(snapshot)
        const renamed = evses.map(rename)
        const others = allocator(withEvses(snapshot, renamed))
        return (
          sameLevels(shares, allocator(withEvses(snapshot, turned))) &&
          evses.every((evse, index) => levelIn(shares, evse) === levelIn(others, renamed[index] ?? evse))
        )
      },
    },
    { foundOut: ['weighs by name', 'weighs by place', 'serves in order, as much as fits'] },
  )

  proves(
    '9: gives two that are alike in everything levels that differ by a step at most, or by what is too little for both',
    {
      drawn: fc.tuple(anySite({ relieved: false, lumps: false }), fc.nat(1000)),
      holds: (allocator, [snapshot, at]) => {
        const one = snapshot.evses[at % snapshot.evses.length]
        if (one === undefined || !one.steerable) return null
        const twin = { ...one, key: as<EvseKey>(`${one.key}-twin`) }
        const shares = allocator(withEvses(snapshot, [...snapshot.evses, twin]))
        const [less = 0, more = 0] = [levelIn(shares, one), levelIn(shares, twin)].sort((a, b) => a - b)
        // Loads are rounded up to whole mA, so that the second of two equal steps may need one less.
        const next = stepUp(one, stepUp(one, less))
        const fair = less === 0 ? 2 * smallest(one) : Number.isFinite(next) ? next : stepUp(one, less)
        return more <= Math.max(fair, down(one, one.fallback), one.stuck)
      },
      runs: 300,
    },
    {
      foundOut: [
        'weighs by name',
        'serves in order, as much as fits',
        'gives a fifth less to the first in order',
      ],
    },
  )

  proves(
    '10: turns with the conductors: what moves from each to the next changes nobody’s level',
    {
      drawn: anySite({ relieved: false }),
      holds: (allocator, snapshot) => {
        const next = (row: number): number => {
          const kind = snapshot.rows[row]?.kind
          return kind === 'l1' || kind === 'l2' ? row + 1 : kind === 'l3' ? row - 2 : row
        }
        const rows = [...snapshot.rows]
        snapshot.rows.forEach(({ capacity, mayRise }, row) => {
          const to = snapshot.rows[next(row)]
          if (to !== undefined) rows[next(row)] = { ...to, capacity, mayRise }
        })
        const evses = snapshot.evses.map((evse) => ({
          ...evse,
          loads: evse.loads.map((load) => ({ ...load, row: next(load.row) })),
        }))
        return sameLevels(allocator(snapshot), allocator({ ...snapshot, rows, evses }))
      },
    },
    { foundOut: ['favours one conductor'] },
  )

  proves(
    '11: is twice as much where everything is twice as much',
    {
      drawn: anySite({ mixed: false, relieved: false }),
      holds: (allocator, snapshot) => {
        const twice = (evse: SnapshotEvse): SnapshotEvse => ({
          ...evse,
          expected: 2 * evse.expected,
          fallback: 2 * evse.fallback,
          stuck: 2 * evse.stuck,
          min: 2 * evse.min,
          max: 2 * evse.max,
          step: 2 * evse.step,
          ...(evse.levels === undefined ? {} : { levels: evse.levels.map((level) => 2 * level) }),
          ...(evse.guarantee === undefined ? {} : { guarantee: 2 * evse.guarantee }),
        })
        const rows = snapshot.rows.map((row) => ({ ...row, capacity: 2 * row.capacity }))
        const [shares, doubled] = [
          allocator(snapshot),
          allocator({ ...snapshot, rows, evses: snapshot.evses.map(twice) }),
        ]
        return snapshot.evses.every((evse) => 2 * levelIn(shares, evse) === levelIn(doubled, evse))
      },
    },
    { foundOut: ['keeps two amperes back on every row'] },
  )

  proves(
    '25: names a row that is full, wherever it names one',
    {
      drawn: anySite(),
      holds: (allocator, snapshot) => {
        const shares = allocator(snapshot)
        return checkReasons(snapshot, shares, { next: stepUp }).length === 0
      },
      runs: 300,
    },
    { foundOut: ['names a row that is not full', 'gives up when a row is full'] },
  )

  proves(
    '26: deals power modules whole: no cabinet gives more than it has',
    {
      drawn: anySite({ faults: false }),
      holds: (allocator, snapshot) => {
        const shares = allocator(snapshot)
        const cabinets = snapshot.rows.flatMap(({ id }, row) => (id.startsWith('cabinet') ? [row] : []))
        if (cabinets.length === 0) return null
        return cabinets.every((row) => {
          const outlets = snapshot.evses.filter((evse) => evse.loads.some((load) => load.row === row))
          const module = outlets[0]?.loads.find((load) => load.row === row)?.grid ?? 1
          const dealt = outlets.reduce((sum, evse) => sum + Math.ceil(levelIn(shares, evse) / module), 0)
          const floors = outlets.every((evse) => levelIn(shares, evse) === 0)
          return floors || dealt * module <= (snapshot.rows[row]?.capacity ?? 0)
        })
      },
      runs: 300,
    },
    { foundOut: ['splits power modules'], saying: 0.15 },
  )

  proves(
    '22: passes the checker, which refuses half an ampere moved or a row forgotten',
    {
      drawn: anySite(),
      holds: (allocator, snapshot) => check(snapshot, allocator(snapshot)).length === 0,
    },
    {
      foundOut: [
        'forgets a row',
        'gives half an ampere more',
        'sees a tenth more room than there is',
        'takes protected rows for agreed ones',
        'counts nothing for stations out of reach',
        'forgets what is stuck',
        'splits power modules',
        'rounds up to the next set-point',
      ],
    },
  )

  afterAll(() => {
    // Where nothing binds nothing is proved.
    expect(tally.scarce / tally.instances).toBeGreaterThan(0.85)
  })
})
