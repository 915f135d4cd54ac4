import { as, type MeterId } from '@busbar/model/ids.ts'
import { amps, volts, wattHours, watts } from '@busbar/units/electricity.ts'
import { instant, milliseconds, monotonic } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { type MeterPart, meterQuality, missed } from './meter-trust.ts'
import { type Formula, leavesOf, virtualFaults, virtualReading, virtualTrust } from './virtual-meter.ts'
import { type MeterValues, sumOf } from './virtual-values.ts'

const id = (name: string) => as<MeterId>(name)
const [A, B, C] = [id('a'), id('b'), id('c')]

/** Values of phase L1 alone. */
const l1 = (of: { a?: number; w?: number; v?: number; total?: number }): MeterValues => ({
  ...(of.a !== undefined && { currentA: { l1: amps(of.a) } }),
  ...(of.w !== undefined && { phasePowerW: { l1: watts(of.w) } }),
  ...(of.v !== undefined && { voltageV: { l1: volts(of.v) } }),
  ...(of.total !== undefined && { powerW: watts(of.total) }),
})
const sum = (...values: MeterValues[]) => sumOf(values.map((each) => ({ values: each, times: 1 })))
const difference = (a: MeterValues, b: MeterValues) =>
  sumOf([
    { values: a, times: 1 },
    { values: b, times: -1 },
  ])

describe('values of a virtual meter', () => {
  test.each([
    ['power adds up', sum(l1({ total: 1000 }), l1({ total: -300 })), { powerW: 700 }],
    ['power is taken off', difference(l1({ total: 1000 }), l1({ total: 300 })), { powerW: 700 }],
    [
      'a value that one input lacks is unknown, never zero',
      sum(l1({ total: 1000, a: 5 }), l1({ total: 1 })),
      { powerW: 1001 },
    ],
    [
      'a measured zero is a value',
      sum(l1({ total: 0, a: 0 }), l1({ total: 0, a: 0 })),
      { powerW: 0, currentA: { l1: 0 } },
    ],
    [
      'currents of one direction add up to the most they can be',
      sum(l1({ a: 10 }), l1({ a: 5.5 })),
      { currentA: { l1: 15.5 } },
    ],
    ['so do exported ones', sum(l1({ a: -10 }), l1({ a: -5 })), { currentA: { l1: -15 } }],
    [
      'currents of both directions are unknown without power and voltage',
      difference(l1({ a: 10 }), l1({ a: 4 })),
      {},
    ],
    [
      'with them a difference at power factor 1 is plain',
      difference(l1({ a: 100, w: 23_000, v: 230 }), l1({ a: 40, w: 9_200, v: 230 })),
      { phasePowerW: { l1: 13_800 }, currentA: { l1: 60 }, voltageV: { l1: 230 } },
    ],
    [
      'a scaled meter keeps its voltage and frequency',
      sumOf([
        {
          values: { ...l1({ a: 2, w: 400, v: 230, total: 400 }), frequencyHz: 50, importWh: wattHours(7) },
          times: 40,
        },
      ]),
      {
        powerW: 16_000,
        phasePowerW: { l1: 16_000 },
        currentA: { l1: 80 },
        voltageV: { l1: 230 },
        frequencyHz: 50,
        importWh: 280,
      },
    ],
    [
      'counters add up',
      sum(
        { importWh: wattHours(5), exportWh: wattHours(0) },
        { importWh: wattHours(6), exportWh: wattHours(1) },
      ),
      { importWh: 11, exportWh: 1 },
    ],
    ['a difference has no counter', difference({ importWh: wattHours(5) }, { importWh: wattHours(3) }), {}],
  ])('%s', (_name, values, expected) => {
    expect(values).toEqual(expected)
  })

  test('the current of a difference is never below the true one, whatever the power factors', () => {
    for (const angle of [-0.6, -0.3, 0, 0.3, 0.6])
      for (const other of [-0.5, 0, 0.5]) {
        const at = (a: number, phi: number) => l1({ a, w: 230 * a * Math.cos(phi), v: 230 })
        const truth = Math.hypot(
          100 * Math.cos(angle) - 60 * Math.cos(other),
          100 * Math.sin(angle) - 60 * Math.sin(other),
        )
        expect(Math.abs(difference(at(100, angle), at(60, other)).currentA?.l1 ?? 0)).toBeGreaterThanOrEqual(
          truth - 1e-6,
        )
      }
  })
})

const reading = (meter: MeterId, atMs: number, w = 1000) => ({
  meter,
  measuredAt: instant(1_000_000 + atMs),
  measuredAtMonotonic: monotonic(atMs),
  powerW: watts(w),
})
const input = (meter: MeterId, atMs: number | null, periodMs = 1000): MeterPart => ({
  meter,
  trust: {
    since: monotonic(0),
    reading: atMs === null ? null : reading(meter, atMs),
    good: 5,
    recovering: false,
    failure: null,
  },
  poll: milliseconds(periodMs),
})
const SUM: Formula = { kind: 'sum', of: [A, B] }

describe('time of a virtual meter', () => {
  test('is that of its oldest input', () => {
    expect(virtualReading(SUM, [input(A, 5000), input(B, 4200)])).toEqual({
      reading: { measuredAt: 1_004_200, measuredAtMonotonic: 4200, powerW: 2000 },
    })
  })

  test.each([
    [
      'no output while an input has given nothing',
      [input(A, 5000), input(B, null)],
      'its input b has given no reading',
    ],
    [
      'no output while inputs lie more than two periods apart',
      [input(A, 5000), input(B, 2999)],
      'its inputs lie 2.0 s apart; b is the oldest',
    ],
  ])('%s', (_name, inputs, reason) => {
    expect(virtualReading(SUM, inputs)).toMatchObject({ failure: { reason } })
  })

  test.each([
    ['two periods apart is still together', [input(A, 5000), input(B, 3000)]],
    ['the slowest input sets the period', [input(A, 5000, 100), input(B, 1000, 2000)]],
  ])('%s', (_name, inputs) => {
    expect(virtualReading(SUM, inputs)).toHaveProperty('reading')
  })
})

describe('trust in a virtual meter', () => {
  const unheard = input(C, null).trust
  const derive = (parts: readonly MeterPart[], before = unheard) =>
    virtualTrust({ meter: C, formula: SUM, now: monotonic(5000) }, before, parts)
  const qualityAt = (parts: readonly MeterPart[], now: number) =>
    meterQuality(derive(parts), monotonic(now), milliseconds(2000))
  const recovering = (part: MeterPart): MeterPart => ({
    ...part,
    trust: { ...part.trust, good: 2, recovering: true },
  })

  test.each([
    ['live when all its inputs are', [input(A, 5000), input(B, 4800)], 5000, 'live'],
    ['held while one of them recovers', [input(A, 5000), recovering(input(B, 4800))], 5000, 'hold'],
    [
      'held as soon as its quickest input is late, though its own period is longer',
      [input(A, 5000, 200), input(B, 4000, 2000)],
      5600,
      'hold',
    ],
    ['as old as its oldest input', [input(A, 15_000, 9000), input(B, 4000, 9000)], 15_000, 'reserve'],
    ['in reserve until every input has been heard', [input(A, 5000), input(B, null)], 5000, 'reserve'],
  ] as const)('is %s', (_name, parts, now, expected) => {
    expect(qualityAt(parts, now)).toBe(expected)
  })

  test('its last reading stays and ages when the inputs lie apart', () => {
    const before = derive([input(A, 1000), input(B, 1000)])
    const after = derive([input(A, 5000), input(B, 1000)], before)
    expect(after.reading).toEqual(before.reading)
    expect(after.failure).toMatchObject({ meter: C, code: 'inputs-apart' })
  })

  test('an input that fails is the reason it gives', () => {
    const silent = input(B, 4800)
    const trust = missed(silent.trust, { meter: B, at: monotonic(5000), code: 'timeout', reason: 'no reply' })
    expect(derive([input(A, 5000), { ...silent, trust }])).toMatchObject({
      failure: { meter: C, reason: 'b: no reply' },
      good: 0,
    })
  })
})

describe('formulas', () => {
  const faults = (of: Record<string, Formula | null>) =>
    virtualFaults(new Map(Object.entries(of).map(([name, formula]) => [id(name), formula]))).map(
      ({ meter, reason }) => `${meter}: ${reason}`,
    )

  test.each([
    [
      'real and virtual inputs are fine',
      { a: null, b: null, c: SUM, d: { kind: 'difference', of: [C, A] } },
      [],
    ],
    ['an unknown input', { a: null, c: SUM }, ['c: its input "b" does not exist']],
    [
      'an input named twice',
      { a: null, c: { kind: 'difference', of: [A, A] } },
      ['c: it names an input twice'],
    ],
    ['a meter of itself', { a: { kind: 'scaled', of: [A], factor: 2 } }, ['a: it follows from itself']],
    [
      'a ring of two',
      { a: { kind: 'scaled', of: [B], factor: 2 }, b: { kind: 'scaled', of: [A], factor: 2 } },
      ['a: it follows from itself', 'b: it follows from itself'],
    ],
  ] as [string, Record<string, Formula | null>, string[]][])('%s', (_name, formulas, expected) => {
    expect(faults(formulas)).toEqual(expected)
  })

  test('a meter follows from real ones in the end', () => {
    const formulas = new Map<MeterId, Formula | null>([
      [A, null],
      [B, null],
      [C, SUM],
      [id('d'), { kind: 'difference', of: [C, B] }],
    ])
    expect(leavesOf(id('d'), formulas)).toEqual([A, B, B])
  })
})
