import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { exampleEvse } from '../site/example-site.ts'
import type { Evse, Transformer } from '../site/site.ts'
import { allocate } from './allocate.ts'
import { check } from './checker.ts'
import { guard } from './guard.ts'
import {
  flows,
  type GarageRatings,
  garage,
  garageEvse,
  KINDS,
  SHARES,
  VOLTAGE,
  worstFlows,
} from './reference-garage.ts'
import { levelOf } from './rows.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'
import { type Move, transition } from './transition.ts'
import { coefficients, quantityLoad, type Wiring, wiringOf } from './wiring.ts'

interface Plug {
  readonly evse: Evse
  readonly hold: number
}
const plug = fc.record({ kind: fc.nat(KINDS + 1), onMain: fc.nat(3), hold: fc.nat(1000), part: fc.nat(1000) })
const plugs = fc.array(plug, { minLength: 1, maxLength: 7 })
const transformer = fc
  .constantFrom<Transformer['group']>('Dyn1', 'Dyn11', 'YNyn0')
  .map((group): Transformer => ({ group, ratio: 480 / 208 }))
const AMPLE: GarageRatings = { supply: 1000, main: 1000, feeds: 1000, neutral: 1000, modules: 50 }

/** Kinds above the EVSEs' own are outlets of the cabinet. */
const plugged = (dealt: readonly { kind: number; onMain: number; hold: number }[]): readonly Plug[] =>
  dealt.map(({ kind, onMain, hold }, index) => {
    const evse =
      kind < KINDS
        ? garageEvse(`E${index}`, kind, onMain === 0 ? 'main' : 'bus')
        : exampleEvse('C', 'bus', { evse: index + 1, dcW: 40_000, fallbackW: 1000 })
    return { evse, hold: Math.floor((levelOf(evse.rating) * hold) / 1000) }
  })

const loadsOf = (wiring: Wiring, evse: Evse) =>
  coefficients(wiring, { evse, active: evse.phases, voltage: VOLTAGE })

const tally = { notMonotone: 0, points: 0, scarce: 0, raises: 0, prefixes: 0, guarded: 0 }

describe('what is counted on a conductor, a neutral or modules', () => {
  test('is never less than any draw within the holds puts there, at corners and between, and little more than the worst', () => {
    fc.assert(
      fc.property(plugs, transformer, (dealt, through) => {
        const all = plugged(dealt)
        const site = garage(
          all.map(({ evse }) => evse),
          { transformer: through, ratings: AMPLE },
        )
        const wiring = wiringOf(site)
        const draws = all.map(({ evse, hold }) => ({ loads: loadsOf(wiring, evse), level: hold }))
        const counted = (row: string) =>
          quantityLoad(
            wiring,
            wiring.rows.findIndex(({ id }) => id === row),
            draws,
          ) / 1000
        const worst = worstFlows(
          all.map(({ evse, hold }) => ({ evse, level: hold })),
          through,
        )
        const some = all.map(({ evse, hold }, index) => ({
          evse,
          level: (hold * (dealt[index]?.part ?? 0)) / 1000,
        }))
        const between = flows(some, { transformer: through, split: SHARES.a })
        const full = flows(
          all.map(({ evse, hold }) => ({ evse, level: hold })),
          { transformer: through, split: SHARES.a },
        )
        for (const [row, most] of worst) {
          expect([row, most <= counted(row) + 1e-6]).toEqual([row, true])
          expect([row, (between.get(row) ?? 0) <= counted(row) + 1e-6]).toEqual([row, true])
          const wasteful = row === 'main/neutral' ? 1.0443 : 1.0087
          expect([row, counted(row) <= most * wasteful + 0.001 * (all.length + 1)]).toEqual([row, true])
          if (most > (full.get(row) ?? 0) + 0.01 && !row.startsWith('b/')) tally.notMonotone++
          tally.points++
        }
      }),
      { seed: 20261202, numRuns: 150, interruptAfterTimeLimit: 20_000 },
    )
  })
})

const ratings = fc.record({
  supply: fc.integer({ min: 5, max: 80 }),
  main: fc.integer({ min: 10, max: 180 }),
  feeds: fc.integer({ min: 10, max: 120 }),
  neutral: fc.integer({ min: 5, max: 90 }),
  modules: fc.integer({ min: 1, max: 9 }),
})

function snapshotOf(wiring: Wiring, all: readonly Plug[]): SiteSnapshot {
  const evses = all.map(({ evse, hold }): SnapshotEvse => {
    const dc = evse.current === 'dc'
    const current = dc ? hold - (hold % 100) : hold - (hold % 1000)
    return {
      key: evse.key,
      loads: loadsOf(wiring, evse),
      steerable: true,
      hold: current,
      expected: current,
      fallback: 0,
      stuck: 0,
      current,
      min: dc ? 5000 : 6000,
      max: levelOf(evse.rating),
      step: dc ? 100 : 1000,
      wattsPerLevel: dc ? 1 : 0.12 * (evse.connection === 'line-line' ? Math.sqrt(3) : evse.phases.length),
      weight: 1,
      rank: 0,
      resting: false,
    }
  })
  const rows = wiring.rows.map((row) => ({
    ...row,
    base: 0,
    capacity: row.limit,
    mayRise: true,
    mayStart: true,
  }))
  return { rows, evses, mayRise: true }
}

/** What may be drawn after these messages: a lowered limit counts as before. */
function after(all: readonly Plug[], snapshot: SiteSnapshot, moves: readonly Move[]) {
  const levels = new Map(moves.map(({ key, level }) => [key, level]))
  return all.map(({ evse }, index) => ({
    evse,
    level: Math.max(snapshot.evses[index]?.hold ?? 0, levels.get(evse.key) ?? 0),
  }))
}

describe('in a garage of every kind of limit', () => {
  const limitOf = (wiring: Wiring, id: string): number =>
    (wiring.rows.find((row) => row.id === id)?.limit ?? Number.NaN) / 1000

  test('no conductor, neutral or module is overloaded by the shares, nor by what the guard leaves, whoever draws it', () => {
    fc.assert(
      fc.property(plugs, transformer, ratings, (dealt, through, rated) => {
        const all = plugged(dealt)
        const site = garage(
          all.map(({ evse }) => evse),
          { transformer: through, ratings: rated },
        )
        const wiring = wiringOf(site)
        const snapshot = snapshotOf(wiring, all)
        const shares = allocate(snapshot)
        expect(check(snapshot, shares)).toEqual([])
        const drawn = all.map(({ evse }) => ({ evse, level: shares.get(evse.key)?.level ?? Number.NaN }))
        for (const [id, most] of worstFlows(drawn, through))
          expect([id, most <= limitOf(wiring, id) + 1e-6]).toEqual([id, true])
        if ([...shares.values()].some(({ bound }) => bound.kind === 'row')) tally.scarce++
        const guarded = guard(snapshot)
        const kept = all.map(({ evse }) => ({
          evse,
          level: guarded.shares.get(evse.key)?.level ?? Number.NaN,
        }))
        for (const [id, most] of worstFlows(kept, through))
          expect(['guard', id, most <= limitOf(wiring, id) + 1e-6]).toEqual(['guard', id, true])
        if (guarded.transition.moves.length > 0) tally.guarded++
      }),
      { seed: 20261205, numRuns: 200, interruptAfterTimeLimit: 20_000 },
    )
  })

  test('nor by any of the messages that lead there, whichever arrive', () => {
    fc.assert(
      fc.property(plugs, transformer, fc.tuple(ratings, fc.nat(127)), (dealt, through, [rated, arrives]) => {
        const all = plugged(
          dealt.map((each) => ({
            ...each,
            hold: each.hold % 3 === 0 ? each.hold : Math.floor(each.hold / 8),
          })),
        )
        const site = garage(
          all.map(({ evse }) => evse),
          { transformer: through, ratings: rated },
        )
        const wiring = wiringOf(site)
        const snapshot = snapshotOf(wiring, all)
        const { moves } = transition(snapshot, allocate(snapshot))
        tally.raises += moves.filter(({ kind }) => kind === 'raise').length
        const before = worstFlows(after(all, snapshot, []), through)
        const subset = moves.filter((_, index) => (arrives >> index) & 1)
        for (const messages of [subset, moves, moves.slice(0, Math.ceil(moves.length / 2))]) {
          tally.prefixes++
          for (const [id, most] of worstFlows(after(all, snapshot, messages), through)) {
            const limit = limitOf(wiring, id)
            if ((before.get(id) ?? 0) > limit + 1e-6) continue
            expect([id, most <= limit + 1e-6]).toEqual([id, true])
          }
        }
      }),
      { seed: 20261206, numRuns: 200, interruptAfterTimeLimit: 20_000 },
    )
  })

  afterAll(() => {
    expect(tally.notMonotone).toBeGreaterThan(20)
    expect(tally.points).toBeGreaterThan(2000)
    expect(tally.scarce).toBeGreaterThan(150)
    expect(tally.guarded).toBeGreaterThan(100)
    expect(tally.raises).toBeGreaterThan(100)
    expect(tally.prefixes).toBeGreaterThan(500)
  })
})
