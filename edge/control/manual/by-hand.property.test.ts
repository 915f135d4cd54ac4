import { amps, watts } from '@busbar/units/electricity.ts'
import { instant } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OperatingLimit } from '../../domain/charging/manual/operating-limits.ts'
import type { Override } from '../../domain/charging/manual/overrides.ts'
import { allocate } from '../../domain/load-balancing/allocate.ts'
import { check } from '../../domain/load-balancing/checker.ts'
import { exampleSnapshot } from '../../domain/load-balancing/example-snapshot.ts'
import type { SiteSnapshot } from '../../domain/load-balancing/snapshot.ts'
import { transition } from '../../domain/load-balancing/transition.ts'
import { byHand } from './by-hand.ts'
import type { ManualState } from './state.ts'

const NOW = instant(1000)
const LATER = instant(2000)

/** Overrides of some EVSEs, and limits of some circuits from nothing to more than they carry. */
function stateOf(snapshot: SiteSnapshot, dealt: readonly number[]): ManualState {
  const deal = (at: number) => dealt[at % dealt.length] ?? 0
  const said = { since: NOW, until: LATER, reason: 'r', by: 'b' }
  const overrides = snapshot.evses.flatMap(({ key, max, wattsPerLevel }, index): Override[] => {
    const choice = deal(index) % 4
    if (choice > 2) return []
    const part = max * ((deal(index + 7) % 120) / 100)
    const limit =
      choice > 1 ? null : wattsPerLevel === 1 ? { limit_w: watts(part) } : { limit_a: amps(part / 1000) }
    const how = choice === 0 ? 'pause' : 'charge'
    return [{ ...said, key, how, limit: how === 'pause' ? null : limit, transaction: null }]
  })
  const circuits = [...new Set(snapshot.rows.map(({ circuit }) => circuit))]
  const limits = circuits.flatMap((circuit, index): OperatingLimit[] => {
    if (deal(index + 3) % 2 === 0) return []
    return [{ ...said, circuit, limit_a: deal(index + 11) % 200, limit_w: deal(index + 13) % 200_000 }]
  })
  return {
    overrides: new Map(overrides.map((override) => [override.key as string, override])),
    priorities: new Map(),
    limits: new Map(limits.map((limit) => [limit.circuit as string, limit])),
  }
}

const numbers = fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 120 })

test('whatever people decide, no protect row, hold or capacity is another, and what is given and raised fits them all', () => {
  let limited = 0
  fc.assert(
    fc.property(numbers, numbers, (site, acts) => {
      const before = exampleSnapshot(site)
      const after = byHand(before, stateOf(before, acts), NOW)
      expect(after.rows.slice(0, before.rows.length)).toEqual(before.rows)
      expect(after.rows.slice(before.rows.length).every(({ duty }) => duty === 'contract')).toBe(true)
      after.evses.forEach((evse, index) => {
        const was = before.evses[index]
        expect(evse.loads.slice(0, was?.loads.length)).toEqual(was?.loads)
        expect(evse.hold).toBe(was?.hold)
        expect(evse.max).toBeLessThanOrEqual(was?.max ?? 0)
      })
      const shares = allocate(after)
      expect(check(after, shares)).toEqual([])
      const { moves, worst } = transition(after, shares)
      for (const { key } of moves.filter(({ kind }) => kind === 'raise'))
        for (const { row } of before.evses.find((evse) => evse.key === key)?.loads ?? [])
          expect(worst[row]).toBeLessThanOrEqual(before.rows[row]?.capacity ?? 0)
      if (after.rows.length > before.rows.length) limited++
    }),
    { seed: 11, numRuns: 1000 },
  )
  expect(limited).toBeGreaterThan(200)
})

test('what has ended changes nothing', () => {
  const snapshot = exampleSnapshot([7, 3, 9, 2, 8, 1, 6, 4, 5])
  const ended = byHand(snapshot, stateOf(snapshot, [1, 2, 3, 5, 8, 13]), LATER)
  expect(ended).toEqual(snapshot)
})
