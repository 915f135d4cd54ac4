import { as, type MeterId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { type Duration, milliseconds, seconds } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { MeterReading } from '../../domain/inputs.ts'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import type { MeterFaultRequest } from '../../simulators/meter/fault.ts'
import type { MeterPicture } from '../../simulators/meter/meter-picture.ts'
import { type LineEnd, startVirtualLine, type VirtualLine } from '../../simulators/meter/virtual-line.ts'
import type { Endpoint } from './endpoint.ts'
import type { MeterSource } from './meter-source.ts'
import { ModbusBus } from './modbus-bus.ts'
import { ModbusUnit } from './modbus-unit.ts'
import { type MeterResult, MeterScanner } from './scan-meter.ts'

type Kind = Endpoint['kind']
const POLL = seconds(1)
const profiles = await loadMeterProfiles('firmware-profiles/meters')

/** Every value of a picture is another one, and no two pictures have one in common. */
const pictureOf = (n: number): MeterPicture => ({
  currentA: { l1: 10 + n / 8, l2: 40 + n / 8, l3: 70 + n / 8 },
  voltageV: { l1: 210 + n / 8, l2: 230 + n / 8, l3: 250 + n / 8 },
  powerFactor: 1,
  frequencyHz: 48 + n / 128,
  importWh: 1_000_000 + 1000 * n,
  exportWh: 3_000_000 + 1000 * n,
})

/** Whether a reading says what the picture says, to the last bit; energies are not in every one. */
function expectTruth(reading: MeterReading, picture: MeterPicture): void {
  const { currentA, voltageV, frequencyHz, importWh, exportWh } = picture
  expect(reading).toMatchObject({ currentA, voltageV, frequencyHz })
  expect([importWh, undefined]).toContain(reading.importWh)
  expect([exportWh, undefined]).toContain(reading.exportWh)
}

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

interface BenchOptions {
  readonly kind: Kind
  readonly profile?: string
  readonly units?: readonly number[]
  readonly seed?: number
}

/** A line of virtual meters and the adapter's scanners for them, on a clock that stands. */
async function lineAndScanners({ kind, profile = 'janitza-umg', units = [1], seed = 1 }: BenchOptions) {
  const definition = profiles.get(profile)
  if (!definition) throw new TypeError(profile)
  const clock = new FakeClock()
  const shown = { now: 0 }
  const end: LineEnd = kind === 'rtu' ? { kind } : { kind, host: '127.0.0.1', port: 0 }
  const line = await startVirtualLine({
    ...{ end, clock, seed },
    units: units.map((unit) => ({ unit, profile: definition, picture: () => pictureOf(shown.now + unit) })),
  })
  const endpoint: Endpoint =
    kind === 'rtu'
      ? { kind, device: line.device, baud: 19_200, parity: 'none', stopBits: 1 }
      : { kind, host: '127.0.0.1', port: line.port }
  const log = { info: () => undefined, warn: () => undefined }
  const bus = new ModbusBus({ endpoint, clock, random: () => 1, log })
  cleanUps.push(
    () => line.stop(),
    () => bus.close(),
  )
  const scannerOf = (number: number) => {
    const source: MeterSource = {
      id: as<MeterId>(`METER-${number}`),
      ...{ profile: definition, endpoint, unit: number, poll: POLL, invert: false },
      plausible: { nominalV: volts(230), maxA: amps(1000), maxW: watts(690_000) },
    }
    const { minGapMs } = definition.limits
    const shared = units.length > 1
    const unit = new ModbusUnit({ bus, clock, endpoint, unit: number, first: false, shared, minGapMs })
    return new MeterScanner(source, { unit, clock })
  }
  return { clock, line, bus, shown, scanners: new Map(units.map((unit) => [unit, scannerOf(unit)])) }
}

async function bench(options: BenchOptions) {
  const { clock, line, bus, shown, scanners } = await lineAndScanners(options)
  const settle = settling(bus, line)
  /** Lets the clock go on until `work` is done. */
  const going = async <T>(work: Promise<T>): Promise<T> => {
    let done = false
    void work.then(() => {
      done = true
    })
    while (!done) {
      await settle()
      if (!done) clock.advance(milliseconds(10))
    }
    return work
  }
  /** One scan of a picture that nobody has seen before; fails when it yields a value that is not of that picture. */
  const scan = async (unit = 1): Promise<string> => {
    shown.now += 1
    const scanner = scanners.get(unit)
    if (!scanner) throw new TypeError(`no unit ${unit}`)
    const result = await going(scanner.scan())
    if ('reading' in result) expectTruth(result.reading, pictureOf(shown.now + unit))
    return outcomeOf(result)
  }
  const pass = async (time: Duration) => {
    for (let passed = 0; passed < time; passed += 100) {
      clock.advance(milliseconds(100))
      await settle()
    }
  }
  /** Scans at the pace of the period, until one succeeds. */
  const recovery = async (atMost: Duration): Promise<void> => {
    const until = clock.monotonic() + atMost
    for (let outcome = ''; outcome !== 'reading'; ) {
      outcome = await scan()
      if (clock.monotonic() > until) throw new TypeError(`no reading within ${atMost} ms, but ${outcome}`)
      await pass(POLL)
    }
  }
  return { clock, line, bus, scan, pass, recovery }
}

const outcomeOf = (result: MeterResult): string => ('reading' in result ? 'reading' : result.failure.code)

/** Real time in which bytes cross a pseudo-terminal on a busy machine, if they ever do. */
const PATIENCE_MS = 1500

/** Resolves when the adapter waits for the clock, or has heard all that the line will say before the clock moves. */
function settling(bus: ModbusBus, line: VirtualLine): () => Promise<void> {
  const before = { bytes: 0, requests: 0 }
  const seen = { connections: 0, rebuilds: 0 }
  let state: 'none' | 'open' | 'dead' = 'none'
  const arrived = () => line.counters().requests + before.requests >= bus.counters.requests
  const quiet = () => {
    const { bytes } = line.counters()
    if (bus.counters.rebuilds !== seen.rebuilds) state = 'none'
    if (bus.connections !== seen.connections) {
      state = 'open'
      before.bytes = bytes - bus.heardBytes
    }
    Object.assign(seen, { connections: bus.connections, rebuilds: bus.counters.rebuilds })
    const heard = bus.heardBytes >= bytes - before.bytes
    if (bus.isSettingUp) return false
    if (state !== 'open') return state === 'dead' || bus.inFlight === 0
    // Also while the line is drained: bytes still on their way would be flushed, and waited for without end.
    return heard && (arrived() || bus.inFlight === 0)
  }
  return async () => {
    const end = performance.now() + PATIENCE_MS
    for (let still = 0; still < 4 && performance.now() < end; ) {
      await turn()
      still = quiet() ? still + 1 : 0
    }
    if (quiet() || bus.isSettingUp) return
    if (state === 'open' && arrived()) {
      // The request arrived, so the connection lives: what is missing was flushed with the late bytes before it.
      before.bytes = line.counters().bytes - bus.heardBytes
      return
    }
    // What went into a connection that is gone never arrives: nothing more is waited for until the next one.
    state = 'dead'
    before.requests = bus.counters.requests - line.counters().requests
  }
}

interface Case {
  readonly fault: MeterFaultRequest
  /** How scans may end while it is in force, by transport; those not named cannot have it. */
  readonly ends: Partial<Record<Kind, readonly string[]>>
}

const serial = (...ends: string[]) => ({ 'rtu-tcp': ends, rtu: ends })
const all = (...ends: string[]) => ({ tcp: ends, ...serial(...ends) })

/** A late answer on a serial line may spoil the next; where answers are numbered it is known for what it is. */
const late = (...ends: string[]) => ({ tcp: ends, ...serial('frame', ...ends) })

const CASES: readonly Case[] = [
  { fault: { kind: 'dropReply' }, ends: all('timeout', 'closed') },
  { fault: { kind: 'dropReply', every: 3 }, ends: all('timeout', 'reading') },
  { fault: { kind: 'lateReply' }, ends: late('timeout', 'closed') },
  { fault: { kind: 'lateReply', delayMs: 1400 }, ends: late('timeout', 'closed') },
  {
    fault: { kind: 'lateReply', delayMs: 300, jitterMs: 900, rate: 0.5 },
    ends: late('timeout', 'reading'),
  },
  { fault: { kind: 'slowStart', delayMs: 3000, requests: 2 }, ends: late('timeout', 'reading') },
  { fault: { kind: 'deadUnit' }, ends: { tcp: ['exception-11'], ...serial('timeout', 'closed') } },
  {
    fault: { kind: 'flappingUnit', onMs: 900, offMs: 2100 },
    ends: { tcp: ['exception-11', 'reading'], ...serial('timeout', 'reading', 'closed') },
  },
  ...[1, 4, 5, 6, 10, 11].map(
    (code): Case => ({ fault: { kind: 'exception', code }, ends: all(`exception-${code}`) }),
  ),
  { fault: { kind: 'crcError' }, ends: serial('frame', 'closed') },
  { fault: { kind: 'crcError', rate: 0.4 }, ends: serial('frame', 'timeout', 'reading') },
  { fault: { kind: 'truncate' }, ends: all('timeout', 'frame', 'closed') },
  { fault: { kind: 'truncate', bytes: 6 }, ends: all('timeout', 'frame', 'closed') },
  { fault: { kind: 'splitFrame' }, ends: all('reading') },
  { fault: { kind: 'splitFrame', bytes: 7, gapMs: 5 }, ends: all('reading') },
  { fault: { kind: 'coalesce' }, ends: all('timeout', 'frame', 'reading', 'closed') },
  { fault: { kind: 'garbagePrefix' }, ends: all('reading', 'frame', 'timeout', 'closed') },
  { fault: { kind: 'garbagePrefix', hex: '01' }, ends: all('reading', 'frame', 'timeout', 'closed') },
  { fault: { kind: 'echo' }, ends: all('frame', 'timeout', 'closed') },
  { fault: { kind: 'wrongUnit' }, ends: all('frame', 'timeout', 'closed') },
  { fault: { kind: 'wrongFunction' }, ends: all('frame', 'timeout', 'closed') },
  { fault: { kind: 'wrongLength' }, ends: all('frame', 'timeout', 'closed') },
  // A byte count too low by one leaves the words whole: they are taken.
  { fault: { kind: 'wrongLength', by: -1 }, ends: all('reading') },
  { fault: { kind: 'wrongLength', by: 2, honest: true }, ends: all('frame', 'timeout', 'closed') },
  { fault: { kind: 'wrongLength', by: -2, honest: true }, ends: all('frame', 'timeout', 'closed') },
  ...(['refuse', 'reset', 'fin', 'halfOpen'] as const).map(
    (kind): Case => ({
      fault: { kind },
      ends: { tcp: ['closed', 'timeout', 'reading'], 'rtu-tcp': ['closed', 'timeout', 'reading'] },
    }),
  ),
  { fault: { kind: 'ptyGone' }, ends: { rtu: ['closed', 'timeout'] } },
]

describe.each<Kind>(['tcp', 'rtu-tcp', 'rtu'])('over %s', (kind) => {
  const cases = CASES.flatMap(({ fault, ends }) => (ends[kind] ? [{ fault, ends: ends[kind] }] : []))

  test.each(cases.map((one) => [JSON.stringify(one.fault), one] as const))(
    '%s never makes a wrong value, and readings return when it ends',
    async (_, { fault, ends }) => {
      const { line, bus, scan, pass, recovery } = await bench({ kind })
      expect(await scan()).toBe('reading')
      await pass(POLL)
      await line.faults.set(fault)
      const seen = new Set<string>()
      for (let n = 0; n < 6; n += 1) {
        seen.add(await scan())
        await pass(POLL)
      }
      expect(ends).toEqual(expect.arrayContaining([...seen]))
      await line.faults.clear()
      await recovery(seconds(45))
      for (let n = 0; n < 3; n += 1) {
        expect(await scan()).toBe('reading')
        await pass(POLL)
      }
      expect(line.counters().overlaps).toBe(0)
      expect(bus.inFlight).toBe(0)
    },
  )
})

describe.each<Kind>(['tcp', 'rtu-tcp'])('late answers over %s', (kind) => {
  test('whatever the delays, no unit ever yields a value that was not measured in that scan', async () => {
    const delays = fc.record({
      profile: fc.constantFrom('janitza-umg', 'eastron-sdm630'),
      delayMs: fc.integer({ min: 0, max: 2500 }),
      jitterMs: fc.integer({ min: 0, max: 2500 }),
      rate: fc.double({ min: 0.1, max: 1, noNaN: true }),
      unit: fc.constantFrom(undefined, 1),
      seed: fc.integer(),
    })
    const seen = new Map<string, number>()
    const property = fc.asyncProperty(delays, async ({ profile, seed, delayMs, jitterMs, rate, unit }) => {
      const { bus, line, scan, pass } = await bench({ kind, profile, units: [1, 2], seed })
      await line.faults.set({ kind: 'lateReply', delayMs, jitterMs, rate, ...(unit && { unit }) })
      for (let n = 0; n < 8; n += 1) {
        for (const asked of [1, 2]) {
          const outcome = await scan(asked)
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
        }
        await pass(milliseconds(300))
      }
      bus.close()
      await line.stop()
    })
    await fc.assert(property, { numRuns: 40 })
    expect(seen.get('reading')).toBeGreaterThan(50)
    expect(seen.get('timeout')).toBeGreaterThan(50)
  })
})

describe.each<Kind>(['tcp', 'rtu-tcp', 'rtu'])('eight units on one line over %s', (kind) => {
  const UNITS = [1, 2, 3, 4, 5, 6, 7, 8]

  test('one dead and one late cost the other six no scan and next to no time, and nobody is asked too soon', async () => {
    const { bus, clock, line, scan } = await bench({ kind, profile: 'eastron-sdm630', units: UNITS })
    const round = async () => {
      const began = clock.monotonic()
      const outcomes = new Map<number, string>()
      for (const unit of UNITS) outcomes.set(unit, await scan(unit))
      return { took: clock.monotonic() - began, outcomes }
    }
    await round()
    const { took: usual } = await round()
    await line.faults.add({ kind: 'deadUnit', unit: 3 })
    await line.faults.add({ kind: 'lateReply', unit: 5, delayMs: 1400 })
    const rounds = []
    for (let n = 0; n < 40; n += 1) rounds.push(await round())
    for (const { outcomes } of rounds) {
      expect(outcomes.get(3)).not.toBe('reading')
      expect(outcomes.get(5)).not.toBe('reading')
      for (const unit of [1, 2, 4, 6, 7, 8]) expect(outcomes.get(unit)).toBe('reading')
    }
    const later = rounds.slice(4).map(({ took }) => took)
    expect(later.reduce((sum, took) => sum + took, 0) / later.length).toBeLessThan(1.1 * usual)
    expect(line.counters()).toMatchObject({ overlaps: 0, gapViolations: 0 })
    expect(bus.counters.rebuilds).toBe(0)
  })
})
