import { describe, expect, test } from 'vitest'
import { SENSOR_UNITS, SensorPacket } from './sensor-packet.ts'
import { sensorTopic } from './topics.ts'

const measurement = { k: 'power.active.import', ph: 'ALL', val: 41_250, u: 'W', q: 'good' }
const packet = {
  v: 1,
  packet_id: '01935f6e-5b6e-7b0a-9c51-0f4f6f6f6f6f',
  depot_id: 'd1',
  source_id: 'mtr-main',
  source_kind: 'meter',
  seq: 10_231,
  boot_id: 'b-7',
  sampled_at: '2026-11-21T19:27:00.000Z',
  clock: 'synced',
  m: [measurement],
}
const withM = (...m: object[]) => ({ ...packet, m })
const faultsOf = (value: unknown) =>
  SensorPacket.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ??
  []

describe('the sensor packet', () => {
  test('a packet as documented is accepted as it stands', () => {
    expect(SensorPacket.parse(packet)).toEqual(packet)
  })

  test('keys that nobody knows are kept', () => {
    const more = {
      ...packet,
      site: 'north',
      m: [
        { ...measurement, raw: 7 },
        { k: 'lux', ph: 'ALL', val: 3, u: 'lx', q: 'good' },
      ],
    }
    expect(SensorPacket.parse(more)).toEqual(more)
  })

  test('a value out of range is kept with its quality', () => {
    expect(SensorPacket.parse(withM({ ...measurement, val: 1e12, q: 'bad' })).m[0]).toMatchObject({
      val: 1e12,
      q: 'bad',
    })
  })

  test('another unit than the base unit is refused, naming the value', () => {
    expect(faultsOf(withM({ ...measurement, val: 41.25, u: 'kW' }))).toEqual([
      'm.0.u: expected W for power.active.import, base units only',
    ])
    expect(faultsOf(withM({ k: 'voltage', ph: 'L1', val: 230, q: 'good' }))).toEqual([
      'm.0.u: expected V for voltage, base units only',
    ])
  })

  test('text is a value only for a mode of the list', () => {
    expect(faultsOf(withM({ ...measurement, val: '41250' }))).toEqual([
      'm.0.val: expected a number for power.active.import',
    ])
    expect(faultsOf(withM({ k: 'mode', ph: 'ALL', val: 'charging', q: 'good' }))).toEqual([])
    expect(faultsOf(withM({ k: 'mode', ph: 'ALL', val: 'party', q: 'good' }))).toHaveLength(1)
  })

  test('one value may stand only once', () => {
    expect(faultsOf(withM(measurement, { ...measurement, val: 0 }))).toEqual([
      'm.1: power.active.import ALL stands twice',
    ])
  })

  test.each([
    ['another version', { v: 2 }],
    ['a source that is no topic', { source_id: 'a/b' }],
    ['a sequence below zero', { seq: -1 }],
    ['a time without a zone', { sampled_at: '2026-11-21T19:27:00' }],
    ['no values', { m: [] }],
  ])('%s is refused', (_name, change) => {
    expect(faultsOf({ ...packet, ...change })).toHaveLength(1)
  })

  test('each key has the unit its senders rely on', () => {
    expect(SENSOR_UNITS).toEqual({
      'power.active.import': 'W',
      'power.active.export': 'W',
      'current.import': 'A',
      voltage: 'V',
      frequency: 'Hz',
      'energy.active.import': 'Wh',
      'energy.active.export': 'Wh',
      soc: '%',
      temperature: '°C',
    })
    expect(sensorTopic('mtr-main')).toBe('sensors/1/mtr-main')
  })
})
