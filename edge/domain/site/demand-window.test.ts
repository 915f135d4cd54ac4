import { watts } from '@busbar/units/electricity.ts'
import { type Instant, instant, minutes, monotonic, seconds, toIso } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DemandMeter, type DemandOptions, type DemandReading } from './demand-window.ts'

const START = Date.UTC(2026, 10, 21, 18)

/** A meter, its load and both clocks, moved second by second. */
class Bench {
  readonly demand: DemandMeter
  wall: number
  mono = 0
  powerW = 400_000
  reserveW = 600_000
  utcOffset = minutes(0)
  wh = 5_000_000
  /** What of a reading reaches us. */
  seen: (reading: DemandReading) => DemandReading | null = ({ at, powerW }) => ({
    at,
    ...(powerW === undefined ? {} : { powerW }),
  })

  constructor(options: Partial<DemandOptions> = {}, startMs = START) {
    this.demand = new DemandMeter({ length: minutes(15), limitW: 500_000, ratingW: 700_000, ...options })
    this.wall = startMs
    this.read()
  }

  pass(ms: number): this {
    for (let passed = 0; passed < ms; passed += 1000) {
      this.wall += 1000
      this.mono += 1000
      this.wh += this.powerW / 3600
      this.read()
      this.now()
    }
    return this
  }

  read(): void {
    const reading = this.seen({ at: monotonic(this.mono), powerW: watts(this.powerW), importWh: this.wh })
    if (reading !== null) this.demand.take(reading)
  }

  now() {
    return this.demand.now({
      wall: instant(this.wall),
      at: monotonic(this.mono),
      reserveW: this.reserveW,
      utcOffset: this.utcOffset,
    })
  }
}
const time = (at: Instant) => toIso(at).slice(11, 16)
const registers = ({ at, importWh }: DemandReading) => ({
  at,
  ...(importWh === undefined ? {} : { importWh }),
})

describe('a window', () => {
  test('stands on the wall clock and starts again at its end', () => {
    const bench = new Bench().pass(minutes(14))
    expect([time(bench.now().start), time(bench.now().end)]).toEqual(['18:00', '18:15'])
    bench.powerW = 100_000
    bench.pass(minutes(6))
    expect([time(bench.now().start), time(bench.now().end)]).toEqual(['18:15', '18:30'])
    expect(bench.now().soFarW).toBeCloseTo(100_000, -1)
  })

  test('of an hour stands on the local clock where that differs by half an hour', () => {
    const bench = new Bench({ length: minutes(60) })
    bench.utcOffset = minutes(330)
    expect([time(bench.now().start), time(bench.now().end)]).toEqual(['17:30', '18:30'])
  })

  test('says its mean so far, where it will end if the load stays, and what the rest may be', () => {
    const bench = new Bench().pass(minutes(5))
    bench.powerW = 550_000
    bench.pass(minutes(5))
    const demand = bench.now()
    expect(demand.soFarW).toBeCloseTo(475_000, -4)
    expect(demand.forecastW).toBeCloseTo(500_000, -4)
    expect(demand.permittedW).toBeCloseTo(550_000, -4)
    expect(demand.flagged).toBe(false)
  })

  test('permits what the rest may be, never above 1.2 times the limit nor the rating, never below 0', () => {
    const spare = new Bench()
    spare.powerW = 0
    expect(spare.pass(minutes(10)).now().permittedW).toBe(600_000)
    const small = new Bench({ ratingW: 550_000 })
    small.powerW = 0
    expect(small.pass(minutes(10)).now().permittedW).toBe(550_000)
    const over = new Bench({ ratingW: 9e6 })
    over.powerW = 5_000_000
    expect(over.pass(minutes(10)).now().permittedW).toBe(0)
  })

  test('without a limit permits nothing in particular', () => {
    expect(new Bench({ limitW: null }).pass(minutes(1)).now()).toMatchObject({
      permittedW: null,
      limitW: null,
    })
  })

  test('counts import only', () => {
    const bench = new Bench()
    bench.powerW = -300_000
    bench.wh = 0
    expect(bench.pass(minutes(16)).now().soFarW).toBe(0)
  })
})

describe('a gap', () => {
  test('is filled at the reserve and flagged, from when the last reading is too old', () => {
    const bench = new Bench().pass(minutes(5))
    bench.seen = () => null
    bench.pass(minutes(5))
    const demand = bench.now()
    const expected = (400_000 * 310 + 600_000 * 290) / 600
    expect(demand.soFarW).toBeCloseTo(expected, -4)
    expect(demand.forecastW).toBeGreaterThan(demand.soFarW)
    expect(demand.flagged).toBe(true)
  })

  test('never counts below what was last measured', () => {
    const bench = new Bench().pass(minutes(1))
    bench.reserveW = 0
    bench.seen = () => null
    expect(bench.pass(minutes(5)).now().soFarW).toBeCloseTo(400_000, -2)
  })

  test('is closed by a register that spans it', () => {
    const bench = new Bench()
    bench.seen = (reading) => reading
    bench.pass(minutes(5))
    bench.seen = () => null
    bench.pass(minutes(4))
    expect(bench.now().flagged).toBe(true)
    bench.seen = (reading) => reading
    bench.pass(minutes(1))
    expect(bench.now()).toMatchObject({ flagged: false })
    expect(bench.now().soFarW).toBeCloseTo(400_000, -2)
  })

  test('at start counts the window from its beginning at the reserve', () => {
    const bench = new Bench({}, START + minutes(5)).pass(minutes(5))
    expect(bench.now().flagged).toBe(true)
    expect(bench.now().soFarW).toBeCloseTo(500_000, -3)
    expect(bench.pass(minutes(6)).now()).toMatchObject({ flagged: false })
  })
})

describe('a register', () => {
  test('with fine steps is believed before the sum of powers', () => {
    const bench = new Bench()
    bench.seen = ({ at, importWh = 0 }) => ({ at, powerW: watts(380_000), importWh: Math.floor(importWh) })
    expect(bench.pass(minutes(10)).now().soFarW).toBeCloseTo(400_000, -3)
  })

  test('of coarse steps is not', () => {
    const bench = new Bench()
    bench.seen = ({ at, importWh = 0 }) => ({
      at,
      powerW: watts(380_000),
      importWh: Math.floor(importWh / 1000) * 1000,
    })
    expect(bench.pass(minutes(10)).now().soFarW).toBeCloseTo(380_000, -3)
  })

  test('F17 that falls or jumps leaves the energy as it was counted', () => {
    const bench = new Bench()
    bench.seen = (reading) => reading
    bench.pass(minutes(3))
    bench.wh = 0
    bench.pass(minutes(3))
    bench.wh += 40_000_000
    bench.pass(minutes(3))
    expect(bench.now().soFarW).toBeCloseTo(400_000, -3)
    expect(bench.now().flagged).toBe(false)
  })

  test('that stands while power flows, or moves otherwise than it, is not', () => {
    const bench = new Bench()
    bench.seen = (reading) => reading
    bench.pass(minutes(3))
    const stood = bench.wh
    bench.seen = (reading) => ({ ...reading, importWh: stood })
    bench.pass(minutes(3))
    bench.seen = (reading) => ({ ...reading, importWh: stood + (bench.wh - stood) / 2 })
    bench.pass(minutes(3))
    expect(bench.now().soFarW).toBeCloseTo(400_000, -3)
  })

  test('alone, without power, is enough', () => {
    const bench = new Bench()
    bench.seen = registers
    expect(bench.pass(minutes(10)).now()).toMatchObject({ flagged: false })
    expect(bench.now().soFarW).toBeCloseTo(400_000, -3)
  })
})

describe('a wall clock that is set', () => {
  test('moves where the window begins on the energy that was counted, and flags it', () => {
    const bench = new Bench().pass(minutes(10))
    bench.powerW = 100_000
    bench.pass(minutes(10))
    expect([time(bench.now().start), bench.now().flagged]).toEqual(['18:15', false])
    bench.wall -= minutes(3)
    const back = bench.now()
    expect([time(back.start), back.flagged]).toEqual(['18:15', true])
    expect(back.soFarW).toBeCloseTo(100_000, -2)
    bench.wall += minutes(3 + 6)
    const on = bench.now()
    expect([time(on.start), on.flagged]).toEqual(['18:15', true])
    // 11 minutes of this window: ten at 100 kW and one before them at 400
    expect(on.soFarW).toBeCloseTo((10 * 100_000 + 400_000) / 11, -4)
    bench.pass(minutes(5))
    expect([time(bench.now().start), bench.now().flagged]).toEqual(['18:30', false])
  })

  test('slowly, by a time server, is no step', () => {
    const bench = new Bench().pass(minutes(16))
    for (let n = 0; n < 300; n++) {
      bench.wall += 20
      bench.pass(seconds(1))
    }
    expect(bench.now().flagged).toBe(false)
  })

  test('never gives a demand outside of what was drawn, wherever it is set to', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            powerW: fc.integer({ min: 0, max: 700_000 }),
            passS: fc.integer({ min: 1, max: 400 }),
            step: fc.integer({ min: -7_200_000, max: 7_200_000 }),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        (moves) => {
          const bench = new Bench()
          const seen = [bench.powerW, bench.reserveW]
          for (const { powerW, passS, step } of moves) {
            bench.powerW = powerW
            seen.push(powerW)
            bench.pass(passS * 1000)
            bench.wall += step
            const { start, end, soFarW, forecastW } = bench.now()
            expect(bench.wall).toBeGreaterThanOrEqual(start)
            expect(bench.wall).toBeLessThan(end)
            for (const power of [soFarW, forecastW]) {
              expect(power).toBeGreaterThanOrEqual(Math.min(...seen) - 1)
              expect(power).toBeLessThanOrEqual(Math.max(...seen) + 1)
            }
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})
