import { describe, expect, it } from 'vitest'
import { type EnergyBalance, type EnergyFinding, nextBalance } from './energy-balance.ts'
import { RATING, readingAt } from './readings.test-kit.ts'

/** An hour at 50 A, 34.5 kW; the register as `wh` makes it of the seconds. */
function findings(wh: (s: number) => number, lastS = 1900): EnergyFinding[] {
  let balance: EnergyBalance | null = null
  const found: EnergyFinding[] = []
  for (let s = 0; s <= lastS; s++) {
    const next = nextBalance(balance, readingAt(s, 50, wh(s)), RATING)
    balance = next.balance
    if (next.finding !== null) found.push(next.finding)
  }
  return found
}
const trueWh = (s: number): number => 1_000_000 + (34_500 * s) / 3600
const kinds = (found: readonly EnergyFinding[]) => [...new Set(found.map(({ kind }) => kind))]

describe('energy against power', () => {
  it('agrees each 15 minutes', () => {
    expect(findings(trueWh).map(({ kind }) => kind)).toEqual(['agrees', 'agrees'])
  })

  it('agrees within the coarse steps of a register', () => {
    expect(kinds(findings((s) => Math.floor(trueWh(s) / 64) * 64))).toEqual(['agrees'])
  })

  it('drifts when the register counts a tenth too little', () => {
    expect(kinds(findings((s) => trueWh(s * 0.9)))).toEqual(['drift'])
  })

  it('a register that stands while power flows is found, one that is only coarse is not', () => {
    const until = (s: number) => trueWh(Math.min(s, 100))
    expect(kinds(findings(until, 400))).toEqual(['stands'])
    expect(findings((s) => Math.floor(trueWh(s) / 1000) * 1000, 800)).toEqual([])
  })

  it('a register that falls begins a new segment and no negative interval', () => {
    const found = findings((s) => (s < 300 ? trueWh(s) : trueWh(s) - 1_000_000))
    expect(found.map(({ kind }) => kind)).toEqual(['restarted', 'agrees'])
  })
})
