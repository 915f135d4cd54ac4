import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { expect, test } from 'vitest'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import { type ConfiguredMeter, configuredMeter } from './configured-meter.ts'
import { overbooked } from './line-budget.ts'
import type { MeterSource } from './meter-source.ts'

const profiles = await loadMeterProfiles('firmware-profiles/meters')
const profileOf = (id: string) => {
  const profile = profiles.get(id)
  if (!profile) throw new TypeError(id)
  return profile
}
const plausible = { nominalV: volts(230), maxA: amps(100), maxW: watts(69_000) }
const base: ConfiguredMeter = { id: 'm', role: 'feeder', poll_ms: 1000, invert: false }
const rtu = { device: '/dev/serial/by-id/one', unit: 3 }
const made = (more: Partial<ConfiguredMeter>, profile = 'abb-b23') =>
  configuredMeter({ ...base, ...more }, { profile: profileOf(profile), plausible })

test('a meter without Modbus is no meter to read', () => expect(made({})).toBeUndefined())

test('a serial line is set up as the profile says where the configuration does not', () => {
  const line = { kind: 'rtu', device: rtu.device, baud: 19_200, parity: 'even', stopBits: 1 }
  expect(made({ modbus_rtu: rtu })?.endpoint).toEqual(line)
  expect(made({ modbus_rtu: { ...rtu, baud: 9600, parity: 'none', stop_bits: 2 } })?.endpoint).toEqual({
    ...line,
    ...{ baud: 9600, parity: 'none', stopBits: 2 },
  })
})

test.each([
  ['baud', {}],
  ['parity', { baud: 9600 }],
  ['stop_bits', { baud: 9600, parity: 'none' }],
] as const)('a serial line without %s anywhere is refused', (field, more) => {
  expect(() => made({ modbus_rtu: { ...rtu, ...more } }, 'socomec-countis')).toThrow(
    `meter m: expected modbus_rtu.${field}`,
  )
})

test('a model that the profile does not know is refused', () => {
  expect(() => made({ modbus_rtu: rtu, override: { model: 'B25' } })).toThrow(
    'override.model: one of B23, B24',
  )
})

test('what the site knows better reaches the reader', () => {
  const override = {
    address_offset: 1,
    ct_ratio: 40,
    serial_number: '77',
    phases: ['l2', 'l3', 'l1'],
  } as const
  expect(made({ modbus_tcp: { host: 'h', port: 502, unit: 9 }, role: 'grid', override })).toMatchObject({
    ...{ endpoint: { kind: 'tcp', host: 'h', port: 502 }, unit: 9, first: true, serial: '77' },
    override: { addressOffset: 1, ctRatio: 40 },
    phaseMap: { l1: 'l2', l2: 'l3', l3: 'l1' },
  })
})

test('a serial line that its meters ask more of than it can carry is named with its load', () => {
  const meters = (count: number): MeterSource[] =>
    Array.from({ length: count }, (_, n) => made({ modbus_rtu: { ...rtu, unit: n + 1 } })).filter(
      (one) => one !== undefined,
    )
  expect(overbooked(meters(1))).toEqual([])
  expect(overbooked(meters(10))).toEqual([
    expect.stringMatching(/^\/dev\/serial\/by-id\/one: its meters need \d{3} % /),
  ])
})
