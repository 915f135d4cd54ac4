import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { allocate } from './allocate.ts'
import { exampleSnapshot } from './example-snapshot.ts'
import { guard } from './guard.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'
import { type Move, transition } from './transition.ts'

const RUNS = { seed: 20261201, numRuns: 1000, interruptAfterTimeLimit: 10_000 }
const dealt = fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 260 })
/** How much of each newest limit is sure to stand, %. */
const parts = fc.array(fc.nat(120), { minLength: 12, maxLength: 12 })

/** The same present, but raises were sent that may never have arrived; they count in the holds as ever. */
const withLostRaises = (snapshot: SiteSnapshot, percent: readonly number[]): SiteSnapshot => ({
  ...snapshot,
  evses: snapshot.evses.map((evse, index) => {
    const { current, step } = evse
    const sure = Math.floor(((current ?? 0) * (percent[index] ?? 0)) / 100 / step) * step
    return current === null || sure >= current ? evse : { ...evse, sure }
  }),
})

const isOn = (evse: SnapshotEvse, row: number): boolean =>
  evse.loads.some((c) => c.row === row && c.perLevel > 0)
const heldOn = ({ evses }: SiteSnapshot, row: number): number =>
  evses.reduce((sum, { loads, hold }) => {
    const perLevel = loads.find((c) => c.row === row)?.perLevel ?? 0
    return sum + Math.max(0, Math.ceil(perLevel * hold - 1e-6))
  }, 0)
const findEvse = ({ evses }: SiteSnapshot, { key }: Move) => evses.find((each) => each.key === key)

const tally = { instances: 0, lost: 0, back: 0, anew: 0, needed: 0 }

describe('where a raise may never have arrived', () => {
  test('a limit above what surely stands leaves as a raise, with all that a raise needs, or not at all', () => {
    fc.assert(
      fc.property(dealt, parts, (numbers, percent) => {
        const snapshot = withLostRaises(exampleSnapshot(numbers), percent)
        tally.instances++
        tally.lost += snapshot.evses.filter(({ sure }) => sure !== undefined).length
        for (const move of transition(snapshot, allocate(snapshot)).moves) {
          const evse = findEvse(snapshot, move)
          if (evse?.sure === undefined) continue
          if (move.level <= evse.sure) {
            tally.back++
            continue
          }
          tally.anew++
          expect(move.kind).toBe('raise')
          expect(snapshot.mayRise).toBe(true)
          snapshot.rows.forEach((row, index) => {
            if (!isOn(evse, index)) return
            expect(row.mayRise).toBe(true)
            expect(heldOn(snapshot, index)).toBeLessThanOrEqual(row.capacity)
          })
        }
      }),
      RUNS,
    )
  })

  test('what a row needs lowered is lowered at once, at least to what surely stands', () => {
    fc.assert(
      fc.property(dealt, parts, (numbers, percent) => {
        const snapshot = withLostRaises(exampleSnapshot(numbers), percent)
        const shares = allocate(snapshot)
        const { moves, overcommitted } = transition(snapshot, shares)
        for (const evse of snapshot.evses) {
          const share = shares.get(evse.key)?.level ?? 0
          const far = (evse.current ?? 0) - share > Math.max(evse.step, (evse.current ?? 0) * 0.03, 500)
          const pressed = overcommitted.some((row) => isOn(evse, row))
          if (evse.sure === undefined || !evse.steerable || evse.resting || !far || !pressed) continue
          tally.needed++
          const move = moves.find(({ key }) => key === evse.key)
          expect(move).toMatchObject({ kind: 'decrease' })
          expect(move?.level).toBeLessThanOrEqual(evse.sure)
        }
      }),
      RUNS,
    )
  })

  test('the guard sends nothing above what surely stands', () => {
    fc.assert(
      fc.property(dealt, parts, (numbers, percent) => {
        const snapshot = withLostRaises(exampleSnapshot(numbers), percent)
        for (const move of guard(snapshot).transition.moves)
          expect(move.level).toBeLessThanOrEqual(findEvse(snapshot, move)?.sure ?? Number.POSITIVE_INFINITY)
      }),
      RUNS,
    )
  })

  afterAll(() => {
    expect(tally.lost / tally.instances).toBeGreaterThan(0.5)
    for (const count of [tally.back, tally.anew, tally.needed]) expect(count).toBeGreaterThan(100)
  })
})
