import { as, type EvseKey } from '@busbar/model/ids.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { instant } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MOST_TURNS, TURN_S } from '../admission.ts'
import { allocate } from '../allocate.ts'
import { promiseByDeparture } from '../deadline-order.ts'
import { urgency } from '../demand.ts'
import { plainEvse, plainRow, plainSnapshot } from '../plain-snapshot.ts'
import type { SiteSnapshot, Turn } from '../snapshot.ts'
import { type TriageCase, triage, withTriage } from '../triage.ts'
import { Dice } from './dice.ts'
import { proves } from './proves.ts'

describe('turns', () => {
  proves(
    '20: leave nobody waiting longer than the most turns and one round of those who wait',
    {
      drawn: fc.record({
        waiting: fc.integer({ min: 2, max: 9 }),
        slots: fc.integer({ min: 1, max: 4 }),
        seed: fc.nat(9999),
      }),
      holds: (allocator, { waiting, slots, seed }) => {
        if (waiting <= slots) return null
        const dice = new Dice(seed)
        const evses = Array.from({ length: waiting }, (_, index) =>
          plainEvse(`v${index}`, [0], {
            rank: dice.from(0, 3),
            tier: dice.from(1, 2),
            min: dice.one([6000, 8000]),
          }),
        )
        const turns = new Map<EvseKey, { kind: Turn['kind']; since: number; stopped: boolean }>()
        let longest = 0
        for (let s = 0; s < 30 * TURN_S; s += 60) {
          const now = evses.map((evse) => {
            const turn = turns.get(evse.key)
            return turn === undefined ? evse : { ...evse, turn: { ...turn, forS: s - turn.since } }
          })
          const shares = allocator(plainSnapshot([plainRow('main', slots * 8000)], now))
          for (const { key } of evses) {
            const before = turns.get(key)
            const kind = (shares.get(key)?.level ?? 0) > 0 ? 'served' : 'waits'
            if (before?.kind !== kind) turns.set(key, { kind, since: s, stopped: before?.kind === 'served' })
            else if (kind === 'waits') longest = Math.max(longest, s - before.since)
          }
        }
        return longest <= (MOST_TURNS + Math.ceil(waiting / slots)) * TURN_S
      },
      runs: 60,
    },
    { foundOut: ['knows no turns'], saying: 0.5 },
  )
})

interface Bus {
  readonly key: EvseKey
  readonly leavesAtH: number
  readonly maxW: number
  leftWh: number
}

const SLOT_H = 0.25

/** A yard with less energy to give than its buses must have, the same each time for a seed. */
function yard(seed: number): { buses: Bus[]; capacityW: number } {
  const dice = new Dice(seed)
  const buses = Array.from(
    { length: dice.from(6, 20) },
    (_, index): Bus => ({
      key: as<EvseKey>(`b${String(index).padStart(2, '0')}`),
      leavesAtH: dice.from(4, 32) * SLOT_H,
      maxW: dice.one([50_000, 100_000]),
      leftWh: dice.from(40, 300) * 1000,
    }),
  )
  const asked = buses.reduce((sum, bus) => sum + bus.leftWh, 0)
  return { buses, capacityW: Math.round((asked * dice.from(45, 110)) / 100 / 6) }
}

/** What a bus may be given in the next slot: what it still needs, but no less than its minimum. */
const boundFor = (bus: Bus): number =>
  Math.max(5000, Math.min(bus.maxW, Math.ceil(bus.leftWh / SLOT_H / 100) * 100))

describe('energy', () => {
  proves(
    '19: is delivered as asked for, and no more than the minimum of one slot beyond',
    {
      drawn: fc.integer({ min: 1, max: 10_000 }),
      holds: (allocator, seed) => {
        const { buses, capacityW } = yard(seed)
        const asked = new Map(buses.map(({ key, leftWh }) => [key, leftWh]))
        for (let slot = 0; slot < 40; slot++) {
          const here = buses.filter(({ leftWh }) => leftWh > 0)
          const evses = here.map((bus) =>
            plainEvse(bus.key, [0], { min: 5000, step: 100, wattsPerLevel: 1, max: boundFor(bus) }),
          )
          const shares = allocator(plainSnapshot([plainRow('power', capacityW)], evses))
          for (const bus of here) bus.leftWh -= (shares.get(bus.key)?.level ?? 0) * SLOT_H
        }
        return buses.every(
          ({ key, leftWh }) => (asked.get(key) ?? 0) - leftWh <= (asked.get(key) ?? 0) + 5000 * SLOT_H,
        )
      },
      runs: 60,
    },
    { foundOut: ['forgets what a vehicle may take'] },
  )
})

type Policy = (buses: readonly Bus[], at: { h: number; capacityW: number }) => (bus: Bus) => number

const earliestFirst: Policy = (buses, { capacityW }) => {
  let left = capacityW
  const given = new Map<EvseKey, number>()
  for (const bus of [...buses].sort((a, b) => a.leavesAtH - b.leavesAtH || (a.key < b.key ? -1 : 1))) {
    const power = Math.min(left, bus.maxW, bus.leftWh / SLOT_H)
    given.set(bus.key, power)
    left -= power
  }
  return ({ key }) => given.get(key) ?? 0
}

const balanced =
  (prioritise: (snapshot: SiteSnapshot, cases: readonly TriageCase[]) => SiteSnapshot): Policy =>
  (buses, { h, capacityW }) => {
    const cases = buses.map(({ key, leavesAtH, leftWh, maxW }) => ({
      key,
      leavesInH: leavesAtH - h,
      mustWh: leftWh,
      bestW: maxW,
    }))
    const evses = buses.map((bus) => {
      const need = { departureAt: instant(bus.leavesAtH * 3_600_000), energyLeftWh: wattHours(bus.leftWh) }
      return plainEvse(bus.key, [0], {
        min: 5000,
        step: 100,
        wattsPerLevel: 1,
        max: boundFor(bus),
        weight: urgency(need, { now: instant(h * 3_600_000), bestW: bus.maxW }),
        rank: bus.leavesAtH,
      })
    })
    const shares = allocate(prioritise(plainSnapshot([plainRow('power', capacityW)], evses), cases))
    return ({ key }) => shares.get(key)?.level ?? 0
  }

const withVerdicts = balanced((snapshot, cases) => {
  const found = triage(snapshot, cases)
  return promiseByDeparture({ ...snapshot, evses: withTriage(snapshot.evses, found, cases) }, found, cases)
})
const withoutTriage = balanced((snapshot) => snapshot)

/** How many of a corpus of yards leave with what they must have. */
function ready(policy: Policy): { met: number; all: number } {
  let [met, all] = [0, 0]
  for (let seed = 1; seed <= 120; seed++) {
    const { buses, capacityW } = yard(seed)
    for (let h = 0; h < 8; h += SLOT_H) {
      const here = buses.filter(({ leavesAtH, leftWh }) => leavesAtH > h && leftWh > 0)
      const power = policy(here, { h, capacityW })
      for (const bus of here) bus.leftWh = Math.max(0, bus.leftWh - Math.min(power(bus), bus.maxW) * SLOT_H)
    }
    met += buses.filter(({ leftWh }) => leftWh <= 100).length
    all += buses.length
  }
  return { met, all }
}

describe('triage', () => {
  test('27: lets no fewer vehicles leave ready than earliest-first over a corpus of short nights, and sharing alike would', () => {
    const [mine, earliest, alike] = [ready(withVerdicts), ready(earliestFirst), ready(withoutTriage)]
    expect(mine.met).toBeGreaterThan(earliest.met)
    expect(alike.met).toBeLessThan(earliest.met)
  })
})
