import { as, type MeterId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { rtuPeer, turns, until } from '@busbar/testing/rtu-peer.ts'
import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { milliseconds, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import { createModbusMeters, type MeterSource } from './modbus-meters.ts'

const POLL = seconds(5)
const profiles = await loadMeterProfiles('firmware-profiles/meters')
const profileOf = (id: string) => {
  const profile = profiles.get(id)
  if (!profile) throw new TypeError(`no profile ${id}`)
  return profile
}
const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

describe('trap 19: one dead unit of eight on a serial line', () => {
  test('leaves the period of the others within a tenth of what it should be', async () => {
    const clock = new FakeClock()
    const dead = 5
    const peer = await rtuPeer((asked) => asked.unit !== dead && asked.send(asked.answer(0)))
    const period = seconds(5)
    const readings = createModbusMeters({
      meters: Array.from({ length: 8 }, (_, n) => ({
        ...{
          id: as<MeterId>(`M-${n + 1}`),
          profile: profileOf('carlo-gavazzi-em24'),
          unit: n + 1,
          poll: period,
        },
        endpoint: { kind: 'rtu-tcp', host: '127.0.0.1', port: peer.port },
        plausible: { nominalV: volts(230), maxA: amps(100), maxW: watts(69_000) },
        ...{ invert: false, first: n === 0 },
      })),
      clock,
      random: () => 1,
      log: { info: () => undefined, warn: () => undefined },
    })
    cleanUps.push(
      async () => peer.close(),
      () => readings.stop(),
    )
    const ends = new Map<string, number[]>()
    await readings.start((result) => {
      const { meter } = 'reading' in result ? result.reading : result.failure
      ends.set(meter, [...(ends.get(meter) ?? []), clock.monotonic()])
    })
    const waitsForDead = () => peer.asked.at(-1)?.unit === dead && readings.activity().inFlight === 1
    for (let time = 0; time < 120_000; time += 30) {
      clock.advance(milliseconds(30))
      await until(() => readings.activity().inFlight === 0 || waitsForDead())
      await turns(1)
    }
    for (const [meter, at] of ends) {
      if (meter === `M-${dead}`) continue
      expect(at.length, meter).toBeGreaterThanOrEqual(22)
      const mean = ((at.at(-1) ?? 0) - (at[3] ?? 0)) / (at.length - 4)
      expect(mean / period, meter).toBeCloseTo(1, 1)
      // Once it has missed an answer, the dead unit lets the others go first.
      const late = at.slice(2).filter((end, n) => end - (at[n + 1] ?? end) > 1.1 * period)
      expect(late, meter).toEqual([])
    }
    const [line] = readings.lines()
    expect(line).toMatchObject({ sparedUnits: [dead], rebuilds: 0, dropped: 0 })
    expect(peer.asked.filter(({ unit }) => unit === dead).length).toBeLessThanOrEqual(7)
  })
})

describe('lines', () => {
  const twoMeters = (one: MeterSource['endpoint'], other: MeterSource['endpoint']) => () =>
    createModbusMeters({
      meters: [one, other].map((endpoint, n) => ({
        ...{
          id: as<MeterId>(`M-${n}`),
          profile: profileOf('janitza-umg'),
          unit: n + 1,
          poll: POLL,
          endpoint,
        },
        plausible: { nominalV: volts(230), maxA: amps(100), maxW: watts(69_000) },
        invert: false,
      })),
      clock: new FakeClock(),
      random: () => 1,
      log: { info: () => undefined, warn: () => undefined },
    })
  const serial = {
    kind: 'rtu',
    device: '/dev/serial/by-id/a',
    baud: 9600,
    parity: 'even',
    stopBits: 1,
  } as const
  const socket = { kind: 'tcp', host: 'Gateway.lan', port: 502 } as const

  test.each([
    ['one port at two speeds', serial, { ...serial, device: '/dev/serial/by-id/../by-id/a', baud: 19_200 }],
    ['one address with two framings', socket, { ...socket, host: 'gateway.lan.', kind: 'rtu-tcp' as const }],
  ])('%s is refused', (_, one, other) => {
    expect(twoMeters(one, other)).toThrow('M-0 and M-1 set')
  })

  test('two meters behind one gateway share its line, however its name is written', async () => {
    const readings = twoMeters(socket, { ...socket, host: 'GATEWAY.LAN.' })()
    await readings.start(() => undefined)
    expect(readings.lines().map(({ line }) => line)).toEqual(['gateway.lan:502'])
    await readings.stop()
  })
})
