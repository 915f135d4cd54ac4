import { as } from '@busbar/model/ids.ts'
import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { MeterProfile } from '../../profiles/meter-profile.ts'
import { implausible } from './implausible.ts'
import type { MeterSource } from './meter-source.ts'
import { toReading } from './to-reading.ts'

const source = (more: Partial<MeterSource> = {}, signs?: Partial<MeterProfile['signs']>): MeterSource => ({
  id: as('GRID'),
  profile: {
    id: 'some-meter',
    vendor: 'Some',
    models: ['Meter'],
    verified: 'code',
    functionCode: 3,
    wordOrder: 'high-first',
    limits: { maxRead: 60, atomicValues: true },
    sentinels: [],
    signs: { power: 'import-positive', current: 'magnitude', ...signs },
    identity: [],
    points: {},
    derived: {},
    sources: ['https://example.org/'],
  },
  endpoint: { kind: 'tcp', host: '127.0.0.1', port: 502 },
  unit: 1,
  poll: seconds(1),
  plausible: { nominalV: volts(230), maxA: amps(100), maxW: watts(69_000) },
  invert: false,
  ...more,
})

const points = {
  ...{ u_l1: 230, u_l2: 231, u_l3: 232, i_l1: 10, i_l2: 20, i_l3: 0.5 },
  ...{ p_l1: 2300, p_l2: -4620, p_l3: -100, p_total: -2420, f: 50, e_imp: 1000, e_exp: 200 },
}

test('a reading carries every value in its unit, import positive', () => {
  expect(toReading(source(), points)).toEqual({
    powerW: -2420,
    phasePowerW: { l1: 2300, l2: -4620, l3: -100 },
    currentA: { l1: 10, l2: -20, l3: 0.5 },
    voltageV: { l1: 230, l2: 231, l3: 232 },
    frequencyHz: 50,
    importWh: 1000,
    exportWh: 200,
  })
})

describe('the sign of a current', () => {
  const currentOf = (p_l1: number | undefined, signs?: Partial<MeterProfile['signs']>, i_l1 = 10) =>
    toReading(source({}, signs), { i_l1, ...(p_l1 !== undefined && { p_l1 }) }).currentA?.l1
  test('is that of the power of its phase', () => expect(currentOf(-2300)).toBe(-10))
  test('is import without a power to go by', () => expect(currentOf(undefined)).toBe(10))
  test('is import below one percent of the rating, where the sign of power is noise', () => {
    expect(currentOf(-230)).toBe(10)
    expect(currentOf(-231)).toBe(-10)
  })
  test('follows the power of a meter that counts export as positive', () => {
    expect(currentOf(2300, { power: 'export-positive' })).toBe(-10)
  })
  test("is the meter's own where it has one", () => {
    expect(currentOf(2300, { current: 'signed' }, -10)).toBe(-10)
    expect(currentOf(2300, { current: 'signed', power: 'export-positive' }, -10)).toBe(10)
  })
  test('of nothing is plus zero', () => {
    expect(currentOf(-2300, {}, 0)).toBe(0)
    expect(currentOf(0, { power: 'export-positive', current: 'signed' }, 0)).toBe(0)
  })
})

test('an inverted meter turns power and current and swaps its counters', () => {
  const reading = toReading(source({ invert: true }), points)
  expect(reading).toMatchObject({
    powerW: 2420,
    phasePowerW: { l1: -2300, l2: 4620, l3: 100 },
    currentA: { l1: -10, l2: 20, l3: 0.5 },
    importWh: 200,
    exportWh: 1000,
  })
})

test('an inverted meter that counts export as positive is turned twice', () => {
  const reading = toReading(source({ invert: true }, { power: 'export-positive' }), points)
  expect(reading.powerW).toBe(-2420)
})

test('a phase map moves every quantity of a phase together', () => {
  const reading = toReading(source({ phaseMap: { l1: 'l3', l2: 'l1', l3: 'l2' } }), points)
  expect(reading).toMatchObject({
    phasePowerW: { l3: 2300, l1: -4620, l2: -100 },
    currentA: { l3: 10, l1: -20, l2: 0.5 },
    voltageV: { l3: 230, l1: 231, l2: 232 },
  })
})

describe('what a meter does not tell', () => {
  test('stays absent, phase by phase', () => {
    expect(toReading(source(), { i_l1: 10, i_l3: 0 })).toEqual({ currentA: { l1: 10, l3: 0 } })
    expect(toReading(source(), {})).toEqual({})
  })
  test('total power is the sum of three phases, of two it is unknown', () => {
    expect(toReading(source(), { p_l1: 1, p_l2: 2, p_l3: 3 }).powerW).toBe(6)
    expect(toReading(source(), { p_l1: 1, p_l2: 2 })).not.toHaveProperty('powerW')
  })
})

describe('a reading that cannot be true', () => {
  const check = (more: object) => implausible(toReading(source(), { ...points, ...more }), source().plausible)
  test.each([
    ['frequency is 0 Hz, expected 45 to 65', { f: 0 }],
    ['frequency is 65.1 Hz, expected 45 to 65', { f: 65.1 }],
    ['voltage l2 is 299.1 V, expected 0 to 299', { u_l2: 299.1 }],
    ['voltage l1 is -1 V, expected 0 to 299', { u_l1: -1 }],
    ['current l3 is 1020000 A, expected -200 to 200', { i_l3: 1.02e6 }],
    ['current l2 is -201 A, expected -200 to 200', { i_l2: 201 }],
    ['power is 138001 W, expected -138000 to 138000', { p_total: 138_001 }],
    ['power l1 is -138001 W, expected -138000 to 138000', { p_l1: -138_001 }],
  ])('%s', (reason, more) => expect(check(more)).toBe(reason))

  test.each([
    ['45 and 65 Hz', { f: 45 }],
    ['a dead phase', { u_l1: 0, i_l1: 0, p_l1: 0 }],
    ['1.3 times the nominal voltage', { u_l1: 299 }],
    ['twice the rated current', { i_l1: 200 }],
    ['twice the rated power, exported', { p_total: -138_000 }],
  ])('but %s can', (_, more) => expect(check(more)).toBeUndefined())
})
