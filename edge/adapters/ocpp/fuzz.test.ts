import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { drawFrom, malformed } from '@busbar/testing/malformed-frames.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { type DepotDouble, startDepot, station } from './testing/depot-double.ts'
import { connect } from './testing/raw-station.ts'

const FRAMES = 6000
/** One good record after so many bad ones. */
const BETWEEN = 40

/** The long form, of a million and more, is `npm run -s fuzz:ocpp`. */
describe('malformed messages', () => {
  let depot: DepotDouble
  afterEach(() => depot.csms.stop())

  test.each([1, 2, 3])('crash nothing, and no good record between them is lost (seed %i)', async (seed) => {
    depot = await startDepot({ clock: new FakeClock(), stations: [station('CP1'), station('CP2')] })
    const draw = drawFrom(seed)
    const bad = await connect(`${depot.url}/CP1`)
    for (let n = 1; n <= FRAMES; n++) {
      bad.send(malformed(draw))
      if (n % BETWEEN > 0) continue
      const timestamp = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString()
      const sampledValue = [{ value: String(1_000_000 + n) }]
      const answer = await bad.call(
        'MeterValues',
        { connectorId: 2, meterValue: [{ timestamp, sampledValue }] },
        `good-${n}`,
      )
      expect(answer).toEqual([3, `good-${n}`, {}])
    }
    const good = depot.of('meter-values').flatMap(({ evse, samples }) => (evse === 2 ? samples : []))
    const registers = good
      .map(({ registerWh }) => Number(registerWh))
      .filter((register) => register > 1_000_000)
    expect(registers).toEqual(
      Array.from({ length: FRAMES / BETWEEN }, (_, n) => 1_000_000 + (n + 1) * BETWEEN),
    )
    expect(({} as Record<string, unknown>).connectorId).toBeUndefined()
    const other = await connect(`${depot.url}/CP2`)
    expect((await other.call('Heartbeat', {}))[0]).toBe(3)
  })

  test('are of every kind: most are not even frames, some are understood', async () => {
    const draw = drawFrom(7)
    const frames = Array.from({ length: 2000 }, () => malformed(draw))
    const readable = frames.filter((text) => {
      try {
        return Array.isArray(JSON.parse(text))
      } catch {
        return false
      }
    })
    expect(readable.length).toBeGreaterThan(400)
    expect(readable.length).toBeLessThan(1800)
    expect(frames.some((text) => text.includes('__proto__'))).toBe(true)
    depot = await startDepot({ clock: new FakeClock() })
  })
})
