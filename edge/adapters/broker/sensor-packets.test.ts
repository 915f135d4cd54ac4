import { sensorTopic } from '@busbar/contracts/sensors/topics.ts'
import { as, type MeterId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds, toIso } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { meterReadingsContract } from '../../domain/ports/meter-readings.contract.ts'
import type { MeterResult } from '../../domain/ports/meter-readings.memory.ts'
import { createSensorMeters, type SensorSource } from './sensor-packets.ts'

const METER = as<MeterId>('GRID')

function stage(of: Partial<SensorSource> = {}) {
  const clock = new FakeClock()
  const said: string[] = []
  const meters = createSensorMeters({
    depot: 'd1',
    sources: [
      {
        meter: METER,
        source: 'mtr-main',
        period: seconds(1),
        noLoadW: 50,
        invert: false,
        implausible: () => undefined,
        ...of,
      },
    ],
    clock,
    log: { info: (_, text) => said.push(text), warn: (_, text) => said.push(text) },
  })
  const results: MeterResult[] = []
  let seq = 0
  const packet = (m: object[], change: object = {}) => {
    seq += 1
    const head = {
      v: 1,
      packet_id: `p${seq}`,
      depot_id: 'd1',
      source_id: 'mtr-main',
      source_kind: 'meter',
      seq,
      boot_id: 'b',
    }
    return { ...head, sampled_at: toIso(clock.now()), clock: 'synced', m, ...change }
  }
  const send = (body: unknown) =>
    meters.take('mtr-main', Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
  const start = () => meters.start((result) => results.push(result))
  /** A second later, these values. */
  const tell = (m: object[], change?: object) => {
    clock.advance(seconds(1))
    send(packet(m, change))
    return results.at(-1)
  }
  return { clock, meters, results, said, packet, send, start, tell }
}

const value = (k: string, ph: string, val: unknown, u: string) => ({ k, ph, val, u, q: 'good' })
const power = (ph: string, w: number) => value('power.active.import', ph, w, 'W')
const current = (ph: string, a: number, q = 'good') => ({ ...value('current.import', ph, a, 'A'), q })
const frequency = (hz: number, q = 'good') => ({ ...value('frequency', 'ALL', hz, 'Hz'), q })

meterReadingsContract('the sensor packet reader', async () => {
  const { clock, meters, packet, results, send } = stage()
  let told: object[] | null = null
  const start: typeof meters.start = (deliver) =>
    meters.start((result) => {
      results.push(result)
      deliver(result)
    })
  return {
    readings: { start, stop: meters.stop.bind(meters) },
    meter: METER,
    clock,
    set: async (state) => {
      told =
        state === 'silent' ? null : [state === 'absent' ? frequency(0, 'bad') : frequency(state.frequencyHz)]
    },
    scan: async () => {
      const before = results.length
      clock.advance(seconds(0.4))
      if (told !== null) send(packet(told))
      while (results.length === before) clock.advance(seconds(1))
    },
    close: async () => undefined,
  }
})

describe('a packet becomes a reading', () => {
  test('of all its phases, with power added up where no total is given', async () => {
    const { start, tell } = stage()
    await start()
    const phases = ['L1', 'L2', 'L3']
    const m = phases.flatMap((ph, index) => [
      power(ph, 1000 * (index + 1)),
      current(ph, 5 * (index + 1)),
      value('voltage', ph, 230 + index, 'V'),
    ])
    expect(tell([...m, frequency(50.01), value('energy.active.import', 'ALL', 0, 'Wh')])).toEqual({
      reading: {
        meter: METER,
        measuredAt: expect.any(Number),
        measuredAtMonotonic: 1000,
        powerW: 6000,
        phasePowerW: { l1: 1000, l2: 2000, l3: 3000 },
        currentA: { l1: 5, l2: 10, l3: 15 },
        voltageV: { l1: 230, l2: 231, l3: 232 },
        frequencyHz: 50.01,
        importWh: 0,
      },
    })
  })

  test('whose export is negative: power less the exported, current with the sign of its phase', async () => {
    const { start, tell } = stage()
    await start()
    const m = [
      power('L1', 0),
      value('power.active.export', 'L1', 2300, 'W'),
      current('L1', 10),
      power('L2', -40),
      current('L2', 1),
    ]
    expect(tell(m)).toMatchObject({
      reading: { phasePowerW: { l1: -2300, l2: -40 }, currentA: { l1: -10, l2: 1 } },
    })
  })

  test('turned round where the meter is wired the other way', async () => {
    const { start, tell } = stage({ invert: true })
    await start()
    const m = [
      power('ALL', -2300),
      power('L1', -2300),
      current('L1', -10),
      value('energy.active.export', 'ALL', 7, 'Wh'),
    ]
    expect(tell(m)).toMatchObject({ reading: { powerW: 2300, currentA: { l1: 10 }, importWh: 7 } })
  })

  test('without what the source does not give: absent is never zero', async () => {
    const { start, tell } = stage()
    await start()
    const reading = tell([
      power('L1', 100),
      power('L3', 100),
      value('power.active.export', 'ALL', 0, 'W'),
      value('lux', 'ALL', 3, 'lx'),
    ])
    expect(reading).toEqual({
      reading: {
        meter: METER,
        measuredAt: expect.any(Number),
        measuredAtMonotonic: 1000,
        phasePowerW: { l1: 100, l3: 100 },
      },
    })
  })
})

describe('a packet that is not used is a failure with its reason', () => {
  test.each([
    ['text', 'hello', 'bad-packet', 'not JSON'],
    ['another shape', '{"v":2}', 'bad-packet', /^v: /],
    [
      'a number in kW',
      { m: [{ ...power('ALL', 1), u: 'kW' }] },
      'bad-packet',
      'm.0.u: expected W for power.active.import, base units only',
    ],
    ['another source', { source_id: 'mtr-2' }, 'foreign', 'packet of source mtr-2'],
    ['another depot', { depot_id: 'd2' }, 'foreign', 'packet for depot d2'],
    [
      'a current that is not good',
      { m: [power('ALL', 1), current('L2', 5, 'stale')] },
      'doubtful',
      'current.import L2 is stale',
    ],
    ['the future', { sampled_at: '2030-01-01T00:00:00Z' }, 'future', /in the future/],
  ])('%s', async (_name, body, code, reason) => {
    const { packet, results, send, start } = stage()
    await start()
    send(typeof body === 'string' ? body : packet([power('ALL', 1)], body))
    expect(results).toEqual([
      { failure: { meter: METER, at: 0, code, reason: expect.stringMatching(reason) } },
    ])
  })

  test('values that cannot be true', async () => {
    const { start, tell } = stage({
      implausible: ({ powerW }) => (powerW === 9e9 ? 'power is 9e9 W' : undefined),
    })
    await start()
    expect(tell([power('ALL', 9e9)])).toMatchObject({
      failure: { code: 'implausible', reason: 'power is 9e9 W' },
    })
  })

  test('a value that came before and is missing now, since its old one would stand', async () => {
    const { start, tell } = stage()
    await start()
    tell([power('ALL', 1), current('L1', 5)])
    expect(tell([power('ALL', 1)])).toMatchObject({
      failure: { code: 'incomplete', reason: 'current.import L1 is missing' },
    })
  })

  test('but a duplicate is nothing at all', async () => {
    const { meters, packet, results, send, start } = stage()
    await start()
    const twice = packet([power('ALL', 1)])
    send(twice)
    send(twice)
    expect(results).toHaveLength(1)
    expect(meters.activity()).toMatchObject({ packets: 2, readings: 1, duplicates: 1, refused: 0 })
  })
})

describe('silence', () => {
  test('is a failure after two periods and then each period, and is logged once', async () => {
    const { clock, results, said, start, tell } = stage()
    await start()
    tell([power('ALL', 1)])
    clock.advance(seconds(3.5))
    expect(results.slice(1)).toMatchObject([
      { failure: { code: 'timeout', reason: 'no packet that can be used for 2.0 s' } },
      { failure: { code: 'timeout', reason: 'no packet that can be used for 3.0 s' } },
    ])
    expect(said).toEqual(['meter gives readings', 'meter gives no reading'])
  })

  test('packets of a device that is no meter are only counted', async () => {
    const { meters, results, start } = stage()
    await start()
    meters.take('weather', Buffer.from('{}'))
    expect(results).toEqual([])
    expect(meters.activity().packets).toBe(1)
    expect(sensorTopic('weather')).toBe('sensors/1/weather')
  })
})
