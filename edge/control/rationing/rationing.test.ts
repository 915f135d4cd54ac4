import { as, type EvseKey, evseKey, type StationId } from '@busbar/model/ids.ts'
import { hours, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { SiteSnapshot, SnapshotEvse } from '../../domain/load-balancing/snapshot.ts'
import type { Move } from '../../domain/load-balancing/transition.ts'
import { FlashWear, SPARING_REST } from './flash-wear.ts'
import { Restart } from './restart.ts'
import { Rise } from './rise.ts'

const at = (ms: number) => ms as Monotonic
const station = (id: string) => as<StationId>(id)
const key = (id: string): EvseKey => evseKey(station(id), 1)
const evsesOf = (of: StationId) => [evseKey(of, 1)]

describe("a station's flash", () => {
  const usual = seconds(30)

  test('lets limits rise after the usual rest until its writes of the day are spent, then rarely', () => {
    const wear = new FlashWear(3)
    const rest = () => wear.rest(station('A'), { now: at(hours(1)), usual })
    for (let n = 0; n < 2; n++) wear.wrote(station('A'), at(hours(1)))
    expect(rest()).toBe(usual)
    wear.wrote(station('A'), at(hours(1)))
    expect(rest()).toBe(SPARING_REST)
    expect(wear.spent(station('B'), at(hours(1)))).toBe(false)
  })

  test('has its budget again a day later', () => {
    const wear = new FlashWear(3)
    for (let n = 0; n < 3; n++) wear.wrote(station('A'), at(hours(1)))
    expect(wear.spent(station('A'), at(hours(24)))).toBe(true)
    expect(wear.spent(station('A'), at(hours(25)))).toBe(false)
    wear.wrote(station('A'), at(hours(30)))
    expect(wear.writes(station('A'), at(hours(30)))).toBe(1)
  })

  test('never shortens a rest that is longer anyway', () => {
    const wear = new FlashWear(0)
    expect(wear.rest(station('A'), { now: at(0), usual: minutes(20) })).toBe(minutes(20))
  })
})

describe('after an outage', () => {
  const ids = ['A', 'B', 'C', 'D', 'E', 'F']
  const first = { tier: 1, tiers: 2 }
  const second = { tier: 2, tiers: 2 }
  const waits = (restart: Restart, id: string, s: number, place = first) =>
    restart.waitsUntil(key(id), at(seconds(s)), () => place) !== null

  function booted(restart: Restart, which: readonly string[], s: number, charging = false): void {
    for (const id of which) restart.booted(station(id), { at: at(seconds(s)), charging }, evsesOf)
  }

  test('EVSEs rise at times of their own, the important ones first', () => {
    const parts = [0.1, 0.9, 0.5, 0.2, 0.6, 0.7]
    const restart = new Restart(6, () => parts.shift() ?? 0)
    booted(restart, ids, 0)
    expect(ids.filter((id) => waits(restart, id, 0))).toEqual([])
    booted(restart, ids, 600)
    expect(ids.every((id) => waits(restart, id, 601))).toBe(true)
    const still = (s: number) => ids.filter((id) => waits(restart, id, 600 + s))
    expect(still(10).length).toBe(5)
    expect(still(59)).toEqual([])
    expect(ids.filter((id) => waits(restart, id, 660, second)).length).toBeGreaterThan(3)
    expect(ids.filter((id) => waits(restart, id, 721, second))).toEqual([])
  })

  test.each<[string, (restart: Restart) => void, boolean]>([
    ['not at their first boot', (restart) => booted(restart, ids, 600), false],
    ['when they charge since before we came', (restart) => booted(restart, ids, 600, true), true],
    [
      'not when fewer than half come back',
      (restart) => {
        booted(restart, ids, 0)
        booted(restart, ['A', 'B'], 600)
      },
      false,
    ],
    [
      'not when they come back one by one',
      (restart) => {
        booted(restart, ids, 0)
        ids.forEach((id, index) => {
          booted(restart, [id], 400 + index * 40)
        })
      },
      false,
    ],
  ])('%s', (_when, before, expected) => {
    const restart = new Restart(6, () => 0.5)
    before(restart)
    expect(waits(restart, 'A', 601)).toBe(expected)
  })
})

describe('the rise of the site', () => {
  const evse = (id: string, current: number): SnapshotEvse =>
    ({ key: key(id), current, fallback: 6000, wattsPerLevel: 0.69 }) as SnapshotEvse
  const snapshot: SiteSnapshot = {
    rows: [],
    evses: [evse('A', 6000), evse('B', 6000), evse('C', 20_000)],
    mayRise: true,
  }
  const raise = (id: string, level: number): Move => ({ key: key(id), level, kind: 'raise' })
  const lower = (id: string, level: number): Move => ({ key: key(id), level, kind: 'decrease' })
  const allowed = (rise: Rise, s: number, moves: readonly Move[]) =>
    rise.allowed(moves, snapshot, at(seconds(s))).map((move) => move.key)

  test('is free where no limit is set', () => {
    expect(allowed(new Rise(null), 0, [raise('A', 32_000), raise('B', 32_000)])).toHaveLength(2)
  })

  test('lets through so much a minute, in order, and every decrease', () => {
    const rise = new Rise(10_000)
    // 10 A on three phases are 6.9 kW.
    const moves = [lower('C', 6000), raise('A', 16_000), raise('B', 16_000)]
    expect(allowed(rise, 0, moves)).toEqual([key('C'), key('A')])
    expect(allowed(rise, 10, [raise('B', 16_000)])).toEqual([])
    expect(allowed(rise, 30, [raise('B', 16_000)])).toEqual([key('B')])
  })

  test('lets one raise through that is more than a minute’s worth, when none went for a minute', () => {
    const rise = new Rise(5000)
    expect(allowed(rise, 0, [raise('A', 32_000), raise('B', 8000)])).toEqual([key('A')])
    expect(allowed(rise, 60, [raise('B', 8000)])).toEqual([])
    expect(allowed(rise, 300, [raise('B', 8000)])).toEqual([key('B')])
  })
})
