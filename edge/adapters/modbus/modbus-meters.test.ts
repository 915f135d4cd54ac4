import { as, type MeterId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { turns, until } from '@busbar/testing/rtu-peer.ts'
import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { milliseconds, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { meterReadingsContract } from '../../domain/ports/meter-readings.contract.ts'
import type { MeterResult } from '../../domain/ports/meter-readings.memory.ts'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import type { MeterPicture } from '../../simulators/meter/meter-picture.ts'
import { startVirtualMeter } from '../../simulators/meter/virtual-meter.ts'
import { createModbusMeters, type MeterSource } from './modbus-meters.ts'

const POLL = seconds(5)
const DEADLINE = seconds(1)
const profiles = await loadMeterProfiles('firmware-profiles/meters')
const profileOf = (id: string) => {
  const profile = profiles.get(id)
  if (!profile) throw new TypeError(`no profile ${id}`)
  return profile
}

const calm: MeterPicture = {
  currentA: { l1: 10, l2: 20, l3: 30 },
  voltageV: { l1: 230, l2: 230, l3: 230 },
  powerFactor: 1,
  frequencyHz: 50,
  importWh: 1000,
  exportWh: 0,
}

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

interface BenchOptions {
  readonly profile?: string
  readonly source?: Partial<MeterSource>
  /** Further units on the same address, which the virtual meter does not know. */
  readonly strangers?: readonly number[]
}

/** One virtual meter as unit 1 and the adapter that reads it, on a clock that stands. */
async function bench({ profile = 'janitza-umg', source = {}, strangers = [] }: BenchOptions = {}) {
  const clock = new FakeClock()
  let picture = calm
  const definition = profileOf(profile)
  const host = '127.0.0.1'
  const meter = await startVirtualMeter({
    profile: definition,
    host,
    port: 0,
    unit: 1,
    picture: () => picture,
  })
  const sourceOf = (id: string, unit: number): MeterSource => ({
    id: as<MeterId>(id),
    profile: definition,
    endpoint: { kind: 'tcp', host, port: meter.port },
    unit,
    poll: POLL,
    plausible: { nominalV: volts(230), maxA: amps(100), maxW: watts(69_000) },
    invert: false,
    ...source,
  })
  const said: string[] = []
  const note = (_: object, text: string) => said.push(text)
  const readings = createModbusMeters({
    meters: [sourceOf('GRID', 1), ...strangers.map((unit) => sourceOf(`UNIT-${unit}`, unit))],
    clock,
    random: () => 1,
    log: { info: note, warn: note },
  })
  const results: MeterResult[] = []
  cleanUps.push(
    () => meter.stop(),
    () => readings.stop(),
  )
  const nextResult = async () => {
    const seen = results.length
    await until(() => results.length > seen)
    return results.at(-1)
  }
  return {
    ...{ clock, meter, readings, results, said, nextResult },
    show: (more: Partial<MeterPicture>) => {
      picture = { ...picture, ...more }
    },
    start: () => readings.start((result) => results.push(result)),
    /** One period and the scan that falls into it. */
    scan: async () => {
      const result = nextResult()
      clock.advance(POLL)
      return result
    },
  }
}

meterReadingsContract('the Modbus TCP adapter with a virtual meter', async () => {
  const { clock, meter, readings, show } = await bench()
  let delivered = 0
  let silent = false
  return {
    readings: {
      start: (deliver) =>
        readings.start((result) => {
          delivered += 1
          deliver(result)
        }),
      stop: () => readings.stop(),
    },
    meter: as('GRID'),
    clock,
    set: async (state) => {
      silent = state === 'silent'
      if (typeof state === 'object') show(state)
      await meter.faults.set({ kind: silent ? 'dropReply' : state === 'absent' ? 'nan' : 'none' })
    },
    scan: async () => {
      const seen = delivered
      const asked = meter.requests()
      clock.advance(POLL)
      await until(() => meter.requests() > asked)
      if (silent) clock.advance(DEADLINE)
      await until(() => delivered > seen)
    },
    close: () => meter.stop(),
  }
})

test('a scan begins with its timer and not before', async () => {
  const { clock, meter, start, nextResult } = await bench()
  await start()
  await turns(20)
  expect(meter.requests()).toBe(0)
  clock.advance(milliseconds(POLL - 1))
  await turns(20)
  expect(meter.requests()).toBe(0)
  const result = nextResult()
  clock.advance(milliseconds(1))
  expect(await result).toHaveProperty('reading')
  clock.advance(milliseconds(POLL - 1))
  await turns(20)
  expect(meter.requests()).toBe(1)
})

test.each([...profiles.keys()])('a %s over the wire gives what flows past it', async (profile) => {
  const { clock, show, start, readings, results } = await bench({ profile })
  show({ currentA: { l1: 16.25, l2: -8.5, l3: 0 }, importWh: 512_000, exportWh: 64_000 })
  await start()
  clock.advance(POLL)
  while (results.length === 0) {
    await until(() => readings.activity().inFlight === 0)
    clock.advance(milliseconds(100))
    await turns(1)
  }
  const near = (value: number, resolution: number) =>
    expect.toSatisfy((got) => Math.abs(Number(got) - value) <= resolution)
  expect(results).toMatchObject([
    {
      reading: {
        meter: 'GRID',
        powerW: near(1782.5, 10),
        phasePowerW: { l1: near(3737.5, 10), l2: near(-1955, 10), l3: 0 },
        currentA: { l1: near(16.25, 0.06), l2: near(-8.5, 0.06), l3: 0 },
        voltageV: { l1: near(230, 0.1), l2: near(230, 0.1), l3: near(230, 0.1) },
        frequencyHz: near(50, 0.02),
        importWh: near(512_000, 100),
        exportWh: near(64_000, 100),
      },
    },
  ])
})

test('a scan of several requests carries the time of the oldest reply', async () => {
  const { clock, readings, results, start } = await bench({ profile: 'eastron-sdm630' })
  await start()
  clock.advance(POLL)
  // The serial number first, then two blocks, 100 ms between them.
  for (let rest = 0; rest < 2; rest += 1) {
    await until(() => readings.activity().inFlight === 0)
    await turns(5)
    expect(results).toEqual([])
    clock.advance(milliseconds(100))
  }
  await until(() => results.length === 1)
  expect(results).toMatchObject([{ reading: { measuredAtMonotonic: POLL + 100 } }])
  expect(clock.monotonic()).toBe(POLL + 200)
  expect(readings.serialOf(as('GRID'))).toBe('1234567')
})

test('a period in which the scan before is not done is skipped and counted', async () => {
  const { clock, meter, readings, results, start } = await bench({ source: { poll: milliseconds(100) } })
  await meter.faults.set({ kind: 'dropReply' })
  await start()
  clock.advance(milliseconds(100))
  await until(() => meter.requests() === 1)
  clock.advance(milliseconds(950))
  expect(readings.activity()).toMatchObject({ inFlight: 1, scans: 0, skipped: 9 })
  clock.advance(milliseconds(50))
  await until(() => results.length === 1)
  expect(readings.activity()).toMatchObject({ scans: 1, failures: 1, timeouts: 1 })
})

test('a meter may be given another deadline than its profile has', async () => {
  const { clock, meter, nextResult, start } = await bench({ source: { deadline: seconds(3) } })
  await meter.faults.set({ kind: 'dropReply' })
  await start()
  clock.advance(POLL)
  await until(() => meter.requests() === 1)
  const result = nextResult()
  clock.advance(milliseconds(3000))
  expect(await result).toMatchObject({ failure: { reason: 'no answer from unit 1 within 3000 ms' } })
})

describe('a fault of the meter', () => {
  test.each([
    ['registers full of zeros', { kind: 'zeroFill' }, 'implausible'],
    ['no value in any register', { kind: 'nan' }, 'no-values'],
    ['an exception', { kind: 'exception', code: 4 }, 'exception-4'],
    ['a reset connection', { kind: 'reset' }, 'closed'],
    ['a refused connection', { kind: 'refuse' }, 'closed'],
  ] as const)('%s is a failure, and readings return with the meter', async (_, fault, code) => {
    const { meter, scan, show, start } = await bench()
    await start()
    expect(await scan()).toHaveProperty('reading')
    await meter.faults.set(fault)
    expect(await scan()).toMatchObject({ failure: { meter: 'GRID', code } })
    expect(await scan()).toMatchObject({ failure: { meter: 'GRID', code } })
    show({ frequencyHz: 50.5 })
    await meter.faults.set({ kind: 'none' })
    expect(await scan()).toMatchObject({ reading: { frequencyHz: 50.5 } })
  })

  test("an answer that comes late is nobody's answer", async () => {
    const { clock, meter, nextResult, scan, show, start } = await bench()
    await start()
    await scan()
    await meter.faults.set({ kind: 'lateReply' })
    show({ frequencyHz: 49 })
    const late = nextResult()
    clock.advance(POLL)
    await until(() => meter.requests() === 2)
    clock.advance(DEADLINE)
    expect(await late).toMatchObject({ failure: { code: 'timeout' } })
    await meter.faults.set({ kind: 'none' })
    show({ frequencyHz: 51 })
    expect(await scan()).toMatchObject({ reading: { frequencyHz: 51 } })
  })

  test('one impossible value discredits the scan, and no older value stands in for it', async () => {
    const { scan, show, start } = await bench()
    await start()
    show({ currentA: { l1: 201, l2: 0, l3: 0 } })
    expect(await scan()).toMatchObject({
      failure: { code: 'implausible', reason: 'current l1 is 201 A, expected -200 to 200' },
    })
  })
})

describe('trap 19: a dead unit behind a gateway', () => {
  test('is asked three times, then only now and then, while its neighbour keeps its period', async () => {
    const { clock, meter, results, start, readings } = await bench({ strangers: [9] })
    await start()
    for (let second = 0; second < 100; second += 1) {
      clock.advance(seconds(1))
      for (let part = 0; part < 4; part += 1) {
        await until(() => readings.activity().inFlight === 0)
        clock.advance(milliseconds(60))
      }
    }
    const of = (id: string) =>
      results.filter((result) => ('reading' in result ? result.reading : result.failure).meter === id)
    expect(of('GRID').length).toBeGreaterThanOrEqual(20)
    expect(of('GRID').every((result) => 'reading' in result)).toBe(true)
    expect(of('UNIT-9').length).toBeGreaterThanOrEqual(20)
    expect(of('UNIT-9').every((result) => 'failure' in result)).toBe(true)
    const asked = meter.requests() - of('GRID').length
    expect(asked).toBeGreaterThanOrEqual(5)
    expect(asked).toBeLessThanOrEqual(7)
  })
})

test('stopping ends a scan under way without a word and lets go of everything', async () => {
  const { clock, meter, readings, results, start } = await bench()
  await meter.faults.set({ kind: 'dropReply' })
  await start()
  clock.advance(POLL)
  await until(() => meter.requests() === 1)
  await readings.stop()
  await turns(20)
  expect(results).toEqual([])
  expect(clock.pending).toBe(0)
})

test('after a stop it can be started again', async () => {
  const { readings, scan, start } = await bench()
  await start()
  await scan()
  await readings.stop()
  await start()
  expect(await scan()).toHaveProperty('reading')
})

test('the log tells when a meter changes, not each scan', async () => {
  const { meter, said, scan, start } = await bench()
  await start()
  await scan()
  await scan()
  await meter.faults.set({ kind: 'exception', code: 4 })
  await scan()
  await scan()
  expect(said).toEqual(['modbus connection open', 'meter gives readings', 'meter gives no reading'])
})

test('a phase map that names a conductor twice is refused', async () => {
  await expect(bench({ source: { phaseMap: { l1: 'l1', l2: 'l1', l3: 'l3' } } })).rejects.toMatchObject({
    code: 'modbus.phase-map',
    message: expect.stringContaining('meter GRID'),
  })
})
