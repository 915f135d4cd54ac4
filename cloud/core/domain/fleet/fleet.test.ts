import { type Instant, instant, type Monotonic, monotonic, toIso } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { heardNow, linkState } from './link-state.ts'
import { lastNoon } from './local-noon.ts'
import { foldTransactions, quarterOf } from './transactions.ts'

const at = (text: string): Instant => instant(Date.parse(text))
const mono = (s: number): Monotonic => monotonic(s * 1000)

describe('the link of a depot', () => {
  const begin = at('2026-11-21T18:00:00Z')
  const heard = heardNow(null, { at: begin, mono: mono(0) })

  test.each([
    [0, 'live', 0],
    [90, 'live', 0],
    [91, 'delayed', 90],
    [300, 'delayed', 90],
    [301, 'offline', 300],
  ])('%i s after a heartbeat it is %s', (silence, state, since) => {
    const expected = { state, since: instant(begin + since * 1000), lastHeardAt: begin }
    expect(linkState(heard, mono(silence), begin)).toEqual(expected)
  })

  test('is "never" before the first heartbeat, and offline after a restart of ours until the next', () => {
    expect(linkState(null, mono(0), begin).state).toBe('never')
    const old = { at: instant(begin - 1000), mono: null, liveSince: instant(begin - 9000) }
    expect(linkState(old, mono(0), begin)).toEqual({ state: 'offline', since: begin, lastHeardAt: old.at })
  })

  test('is live since the first of an unbroken run of heartbeats', () => {
    const next = heardNow(heard, { at: instant(begin + 20_000), mono: mono(20) })
    expect(next.liveSince).toBe(begin)
    expect(heardNow(next, { at: instant(begin + 400_000), mono: mono(400) }).liveSince).toBe(begin + 400_000)
  })

  test('a step of wall time changes nothing', () => {
    const next = heardNow(heard, { at: instant(begin - 3_600_000), mono: mono(20) })
    expect(linkState(next, mono(100), begin).state).toBe('live')
  })
})

describe('the last local noon', () => {
  test.each([
    ['2026-11-21T18:00:00Z', 'Europe/Berlin', '2026-11-21T11:00:00.000Z'],
    ['2026-11-21T10:59:59Z', 'Europe/Berlin', '2026-11-20T11:00:00.000Z'],
    ['2026-11-21T11:00:00Z', 'Europe/Berlin', '2026-11-21T11:00:00.000Z'],
    ['2026-10-25T08:00:00Z', 'Europe/Berlin', '2026-10-24T10:00:00.000Z'],
    ['2026-03-29T08:00:00Z', 'Europe/Berlin', '2026-03-28T11:00:00.000Z'],
    ['2026-11-21T07:00:00Z', 'Asia/Kathmandu', '2026-11-21T06:15:00.000Z'],
    ['2026-11-21T07:00:00Z', 'Not/AZone', '2026-11-20T12:00:00.000Z'],
  ])('at %s in %s is %s', (now, zone, noon) => {
    expect(toIso(lastNoon(at(now), zone))).toBe(noon)
  })
})

describe('transactions', () => {
  const energy = (wh: number, time: Instant) =>
    ({ kind: 'energy', transaction: 'T', energyWh: wh, socPct: null, at: time }) as const

  test('energy counts as what each reading adds, in the quarter of the reading', () => {
    const [early, later] = [at('2026-11-21T18:01:00Z'), at('2026-11-21T18:20:00Z')]
    const first = foldTransactions(new Map(), [energy(500, early), energy(700, early), energy(1000, later)])
    expect([...first.energy]).toEqual([
      [quarterOf(early), 700],
      [quarterOf(later), 300],
    ])
    const second = foldTransactions(first.rows, [energy(1000, later), energy(950, later)])
    expect([...second.energy]).toEqual([[quarterOf(later), -50]])
    expect(second.rows.get('T')).toMatchObject({ energyWh: 950, startedAt: null })
  })

  test('a reading without state of charge keeps the last one', () => {
    const with50 = { ...energy(1, at('2026-11-21T18:01:00Z')), socPct: 50 }
    expect(foldTransactions(new Map(), [with50, energy(2, with50.at)]).rows.get('T')?.socPct).toBe(50)
  })
})
