import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { milliseconds, minutes, seconds, toIso } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { PacketOrder } from './packet-order.ts'

let clock: FakeClock
let order: PacketOrder
let seq: number
beforeEach(() => {
  clock = new FakeClock()
  clock.advance(seconds(100))
  order = new PacketOrder()
  seq = 0
})

const now = () => ({ wall: clock.now(), monotonic: clock.monotonic() })
const packet = (of: Partial<Parameters<PacketOrder['place']>[0]> = {}) => {
  const number = of.seq ?? ++seq
  return {
    packet_id: `p-${number}`,
    seq: number,
    boot_id: 'b1',
    sampled_at: toIso(clock.now()),
    clock: 'synced' as const,
    ...of,
  }
}
const place = (of: Parameters<typeof packet>[0] = {}) => order.place(packet(of), now())
const ago = (ms: number) => toIso((clock.now() - ms) as ReturnType<FakeClock['now']>)
/** Age of what was placed, ms. */
const ageOf = (placing: ReturnType<typeof place>) =>
  placing.kind === 'new' ? clock.monotonic() - placing.stamp.measuredAtMonotonic : placing

describe('a source with a set clock', () => {
  test('keeps its own time, and its values age from then', () => {
    const placing = place({ sampled_at: ago(1500) })
    expect(placing).toMatchObject({ kind: 'new', stamp: { measuredAt: clock.now() - 1500 } })
    expect(ageOf(placing)).toBe(1500)
  })

  test('ages from arrival when its clock is a little ahead', () => {
    expect(ageOf(place({ sampled_at: ago(-1900) }))).toBe(0)
  })

  test.each([
    ['from the future', { sampled_at: 2100 }, { code: 'future', reason: 'measured 2.1 s in the future' }],
    ['a minute old', { sampled_at: -60_001 }, { code: 'too-old', reason: 'measured 60.0 s ago' }],
  ])('a packet %s is not used and does not move the order', (_name, { sampled_at }, refusal) => {
    expect(place({ sampled_at: ago(-sampled_at) })).toEqual({ kind: 'refused', ...refusal })
    expect(place()).toMatchObject({ kind: 'new', missed: 0 })
  })

  test('a packet that goes back in sequence is not used', () => {
    place({ seq: 15 })
    clock.advance(seconds(1))
    expect(place({ seq: 12 })).toEqual({
      kind: 'refused',
      code: 'out-of-order',
      reason: 'sequence 12 after 15',
    })
    expect(place({ seq: 15, packet_id: 'other' })).toMatchObject({ kind: 'refused', code: 'out-of-order' })
  })

  test('a packet that goes back in time, or stands still, is not used', () => {
    place()
    expect(place()).toMatchObject({ kind: 'refused', code: 'out-of-order' })
    clock.advance(seconds(1))
    expect(place({ sampled_at: ago(1001) })).toMatchObject({ kind: 'refused', code: 'out-of-order' })
    expect(place()).toMatchObject({ kind: 'new' })
  })

  test('a packet sent again is a duplicate, also when others came between', () => {
    const [first, second] = [packet(), packet({ sampled_at: ago(-1) })]
    order.place(first, now())
    order.place(second, now())
    expect(order.place(first, now())).toEqual({ kind: 'duplicate' })
    expect(order.place(second, now())).toEqual({ kind: 'duplicate' })
  })

  test('a gap in the sequence is counted', () => {
    place({ seq: 4 })
    clock.advance(seconds(1))
    expect(place({ seq: 8 })).toMatchObject({ missed: 3 })
  })

  test('counts from anywhere after a restart, but its time goes on', () => {
    place({ seq: 500 })
    expect(place({ boot_id: 'b2', seq: 0, sampled_at: ago(5000) })).toMatchObject({ code: 'out-of-order' })
    clock.advance(seconds(1))
    expect(place({ boot_id: 'b2', seq: 0 })).toMatchObject({ kind: 'new', missed: 0 })
    clock.advance(seconds(1))
    expect(place({ boot_id: 'b1', seq: 501 })).toEqual({
      kind: 'refused',
      code: 'out-of-order',
      reason: 'boot b1 has ended',
    })
  })

  test('is late when our own wall clock jumps ahead, and refused when it jumps back', () => {
    place()
    clock.advance(seconds(1))
    const sampled_at = ago(0)
    clock.stepWall(seconds(30))
    expect(ageOf(place({ sampled_at }))).toBe(30_000)
    clock.stepWall(minutes(-10))
    clock.advance(seconds(1))
    expect(place({ sampled_at: ago(-minutes(10)) })).toMatchObject({ kind: 'refused', code: 'future' })
  })
})

describe('a source whose clock was never set', () => {
  const UNSET = { clock: 'unsynced' as const }
  /** The source's own time: years off. */
  const own = (delay = 0) => toIso((clock.monotonic() - delay + 1000) as never)
  const unset = (delay = 0) => ({ ...UNSET, sampled_at: own(delay) })

  test('has values that age from arrival, with our time', () => {
    const placing = place(unset())
    expect(placing).toMatchObject({ kind: 'new', stamp: { measuredAt: clock.now() } })
    expect(ageOf(placing)).toBe(0)
  })

  test('cannot pass off what waited on its way as new', () => {
    place(unset())
    clock.advance(seconds(30))
    expect(ageOf(place(unset(20_000)))).toBeCloseTo(20_000 - 30, 0)
  })

  test('may drift without its values growing old', () => {
    place(unset())
    for (let n = 1; n <= 3600; n++) {
      clock.advance(seconds(1))
      expect(ageOf(place(unset(n * 0.1)))).toBeLessThan(1)
    }
  })

  test('may go back in time once, when its clock is set', () => {
    place({ ...UNSET, sampled_at: '2040-01-01T00:00:00Z' })
    clock.advance(milliseconds(500))
    expect(place({ ...UNSET, sampled_at: '2039-01-01T00:00:00Z' })).toMatchObject({ code: 'out-of-order' })
    expect(ageOf(place())).toBe(0)
  })
})
