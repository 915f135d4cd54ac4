import fc from 'fast-check'
import { describe } from 'vitest'
import { type Allocation, allocate, allocateWith } from '../allocate.ts'
import { check } from '../checker.ts'
import { promiseByDeparture } from '../deadline-order.ts'
import type { SiteSnapshot, SnapshotEvse } from '../snapshot.ts'
import { triage, withTriage } from '../triage.ts'
import { anySite } from './any-site.ts'
import type { Allocator } from './mutants.ts'
import {
  down,
  largestStep,
  levelIn,
  onRow,
  rowLoad,
  rowsOf,
  smallest,
  steered,
  stepUp,
} from './own-arithmetic.ts'
import { proves, provesOf } from './proves.ts'

/** Sites on which filling is exact: nothing is relieved, no lumps, everyone's fallback fits. */
const plain = (of: { promises: boolean; most?: number }) =>
  anySite({ relieved: false, lumps: false, faults: false, ...of })
const tierOf = (evse: SnapshotEvse): number => evse.tier ?? 1
const withEvses = (
  snapshot: SiteSnapshot,
  change: (evse: SnapshotEvse, index: number) => SnapshotEvse,
): SiteSnapshot => ({ ...snapshot, evses: snapshot.evses.map(change) })

/** What everyone is given in any case. */
const floorOf = (evse: SnapshotEvse): number =>
  Math.max(down(evse, evse.fallback), smallest(evse), evse.stuck)

/**
 * The bottleneck certificate: whoever is below its maximum has a row on which what others have above its own next step,
 * and above their floors, would not pay for that step. `rate` is the level at one unit of water.
 */
function certified(
  snapshot: SiteSnapshot,
  shares: ReturnType<Allocator>,
  rate: (evse: SnapshotEvse) => number,
): boolean {
  return steered(snapshot).every((evse) => {
    const level = levelIn(shares, evse)
    const next = stepUp(evse, level)
    if (next > evse.max) return true
    const water = next / rate(evse)
    return rowsOf(evse).some((row) => {
      const at = (other: SnapshotEvse, to: number) => onRow(snapshot, other, { row, level: to })
      const surplus = steered(snapshot).reduce((sum, other) => {
        const fair = Math.max(floorOf(other), water * rate(other))
        return sum + (other === evse ? 0 : Math.max(0, at(other, levelIn(shares, other)) - at(other, fair)))
      }, 0)
      const left = (snapshot.rows[row]?.capacity ?? 0) - rowLoad(snapshot, shares, row)
      const step = at(evse, Math.max(next, evse.stuck)) - at(evse, Math.max(level, evse.stuck))
      // Steps of others may differ: what one of theirs leaves over may be short of one of these.
      return Math.max(0, left) + surplus < step + largestStep(snapshot, row) + 2
    })
  })
}

describe('the shares of any site', () => {
  proves(
    '6: are max-min fair by weight: everyone below its maximum has a bottleneck',
    {
      drawn: plain({ promises: false, most: 80 }),
      holds: (allocator, snapshot) =>
        certified(snapshot, allocator(snapshot), ({ weight, wattsPerLevel }) => weight / wattsPerLevel),
      runs: 200,
    },
    {
      foundOut: [
        'serves in order, as much as fits',
        'weighs by name',
        'gives up when a row is full',
        'keeps two amperes back on every row',
      ],
    },
  )

  proves(
    '6: are max-min fair within a tier: all get the same part of what they are promised',
    {
      drawn: plain({ promises: true, most: 80 }).map((snapshot) =>
        withEvses(snapshot, ({ turn: _, deferred: __, ...evse }) => {
          const guarantee = evse.guarantee ?? evse.max
          const max = Math.max(down(evse, guarantee), down(evse, evse.fallback))
          return { ...evse, tier: 1, max, guarantee: Math.max(1, max) }
        }),
      ),
      holds: (allocator, snapshot) =>
        certified(snapshot, allocator(snapshot), ({ guarantee = 1 }) => guarantee),
      runs: 200,
    },
    { foundOut: ['knows no tiers', 'serves in order, as much as fits', 'gives up when a row is full'] },
  )

  proves(
    '7: give a lower tier nothing above its minimum while a higher one is short of its guarantee on a row of both',
    {
      drawn: plain({ promises: true }).map((snapshot) =>
        withEvses(snapshot, ({ deferred: _, turn: __, ...evse }) => evse),
      ),
      holds: (allocator, snapshot) => {
        const shares = allocator(snapshot)
        let short = false
        const fair = steered(snapshot).every((evse) => {
          const level = levelIn(shares, evse)
          const target = down(evse, evse.guarantee ?? 0)
          const { bound } = shares.get(evse.key) ?? {}
          if (level === 0 || level >= target || bound?.kind !== 'row') return true
          const { row } = bound
          short = true
          const step =
            onRow(snapshot, evse, { row, level: stepUp(evse, level) }) - onRow(snapshot, evse, { row, level })
          const above = steered(snapshot).reduce((sum, other) => {
            if (tierOf(other) <= tierOf(evse) || !rowsOf(other).includes(row)) return sum
            const more = onRow(snapshot, other, { row, level: levelIn(shares, other) })
            return sum + Math.max(0, more - onRow(snapshot, other, { row, level: floorOf(other) }))
          }, 0)
          // What is left of the row is less than the step it would need, and may go to smaller steps of others.
          return above < step + largestStep(snapshot, row)
        })
        return fair ? (short ? true : null) : false
      },
      runs: 300,
    },
    { foundOut: ['knows no tiers', 'turns tiers round'], saying: 0.25 },
  )

  proves(
    '5: leave the worst served of the first tier no worse when a limit is raised and the same are served',
    {
      drawn: fc
        .tuple(plain({ promises: true }), fc.nat(1000), fc.integer({ min: 1000, max: 60_000 }))
        .map(([snapshot, at, more]) => ({
          snapshot: withEvses(snapshot, ({ deferred: _, turn: __, ...evse }) => evse),
          at,
          more,
        })),
      holds: (allocator, { snapshot, at, more }) => {
        const row = at % snapshot.rows.length
        const rows = snapshot.rows.map((each, index) =>
          index === row ? { ...each, capacity: each.capacity + more } : each,
        )
        const [before, after] = [allocator(snapshot), allocator({ ...snapshot, rows })]
        const served = (shares: ReturnType<Allocator>) =>
          steered(snapshot)
            .map((evse) => levelIn(shares, evse) > 0)
            .join()
        const first = Math.min(...steered(snapshot).map(tierOf))
        const promised = steered(snapshot).filter(
          (evse) => tierOf(evse) === first && (evse.guarantee ?? 0) > 0,
        )
        if (promised.length === 0 || served(before) !== served(after)) return null
        const worst = (shares: ReturnType<Allocator>, steps: number) =>
          Math.min(
            ...promised.map((evse) => {
              const level =
                levelIn(shares, evse) + steps * Math.max(evse.step, evse.levels === undefined ? 0 : 8000)
              return Math.min(1, level / Math.max(1, down(evse, evse.guarantee ?? 0)))
            }),
          )
        return worst(before, 0) <= worst(after, 1)
      },
      runs: 300,
    },
    { foundOut: ['turns tiers round at every other sum of limits'], saying: 0.25 },
  )
})

describe('a shortfall', () => {
  proves(
    'gives each of those kept all that it was promised by its departure',
    {
      drawn: fc
        .tuple(
          plain({ promises: false }),
          fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 7, maxLength: 30 }),
        )
        .map(([snapshot, numbers]) => {
          const cases = snapshot.evses.map(({ key, max, wattsPerLevel }, index) => ({
            key,
            leavesInH: (numbers[index % numbers.length] ?? 1) / 4,
            mustWh: max * wattsPerLevel * ((numbers[(index + 3) % numbers.length] ?? 1) / 8),
            bestW: max * wattsPerLevel,
          }))
          const found = triage(snapshot, cases)
          const kept = { ...snapshot, evses: withTriage(snapshot.evses, found, cases) }
          return { engaged: found.engaged, snapshot: promiseByDeparture(kept, found, cases) }
        }),
      holds: (allocator, { engaged, snapshot }) => {
        if (!engaged) return null
        const shares = allocator(snapshot)
        return snapshot.evses.every((evse) => levelIn(shares, evse) >= down(evse, evse.guarantee ?? 0))
      },
      runs: 200,
    },
    { foundOut: ['knows no tiers'], saying: 0.3 },
  )
})

describe('a proposal', () => {
  const drawn = fc.tuple(anySite(), fc.array(fc.double(), { minLength: 1, maxLength: 40 }))
  const proposalFor = (snapshot: SiteSnapshot, numbers: readonly number[]) =>
    new Map(
      snapshot.evses.map(({ key, max }, index) => {
        const number = numbers[index % numbers.length] ?? 0
        return [key, index % 2 === 0 ? number : max * Math.abs(Math.sin(number))]
      }),
    )
  const worth = ({ evses }: SiteSnapshot, shares: Allocation) =>
    evses.reduce((sum, evse) => sum + evse.weight * evse.wattsPerLevel * levelIn(shares, evse), 0)
  const believing: typeof allocateWith = (snapshot, proposal) => ({
    proposed: true,
    shares: new Map(
      snapshot.evses.map((evse) => [
        evse.key,
        { level: down(evse, proposal?.get(evse.key) ?? 0), bound: { kind: 'max' } },
      ]),
    ),
  })

  provesOf(
    '18: that is no answer at all never overloads a row, gives a level that cannot be set or is worth less',
    {
      drawn,
      runs: 200,
      holds: (adopt: typeof allocateWith, [snapshot, numbers]) => {
        const { shares } = adopt(snapshot, proposalFor(snapshot, numbers))
        const [usual, proposed] = [worth(snapshot, allocate(snapshot)), worth(snapshot, shares)]
        return check(snapshot, shares).length === 0 && proposed >= usual
      },
    },
    { subject: allocateWith, mutants: { 'believes every number': believing } },
  )
})
