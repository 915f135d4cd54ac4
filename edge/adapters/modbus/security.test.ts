import { setImmediate as nextTurn } from 'node:timers/promises'
import { as, type MeterId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { milliseconds, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import type { MeterResult } from '../../domain/ports/meter-readings.memory.ts'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import type { MeterFaultRequest } from '../../simulators/meter/fault.ts'
import { startVirtualLine, type VirtualLine } from '../../simulators/meter/virtual-line.ts'
import { createModbusMeters, type ModbusMeters } from './modbus-meters.ts'

const HOST = '127.0.0.1'
const PERIOD = seconds(2)
const FREQUENCY_HZ = 50.25
const known = await loadMeterProfiles('firmware-profiles/meters')
const profileOf = (id: string) => known.get(id) ?? expect.fail(`the meter profile ${id} is missing`)

let line: VirtualLine
let meters: ModbusMeters
afterEach(async () => {
  await meters.stop()
  await line.stop()
})

/** Results of `scans` periods of a meter that is struck by `fault`. */
async function read(
  kind: 'tcp' | 'rtu-tcp',
  fault: MeterFaultRequest,
  scans: number,
): Promise<MeterResult[]> {
  const clock = new FakeClock()
  const profile = profileOf('janitza-umg')
  const picture = () => ({
    currentA: { l1: 10, l2: 20, l3: 30 },
    voltageV: { l1: 230, l2: 230, l3: 230 },
    powerFactor: 1,
    frequencyHz: FREQUENCY_HZ,
    importWh: 1000,
    exportWh: 0,
  })
  line = await startVirtualLine({
    end: { kind, host: HOST, port: 0 },
    units: [{ unit: 1, profile, picture }],
    clock,
  })
  await line.faults.set(fault)
  const plausible = { nominalV: volts(230), maxA: amps(100), maxW: watts(69_000) }
  const source = { id: as<MeterId>('m'), profile, unit: 1, poll: PERIOD, plausible, invert: false }
  meters = createModbusMeters({
    meters: [{ ...source, endpoint: { kind, host: HOST, port: line.port } }],
    clock,
    random: () => 0,
    log: { info: () => undefined, warn: () => undefined },
  })
  const results: MeterResult[] = []
  await meters.start((result) => results.push(result))
  while (results.length < scans) {
    clock.advance(milliseconds(10))
    for (let turn = 0; turn < 5; turn++) await nextTurn()
  }
  return results
}

describe('S35 a reply that is none to our request', () => {
  test.each([
    ['another unit', 'tcp', { kind: 'wrongUnit' }],
    ['another unit', 'rtu-tcp', { kind: 'wrongUnit' }],
    ['another function', 'tcp', { kind: 'wrongFunction' }],
    ['another function', 'rtu-tcp', { kind: 'wrongFunction' }],
    ['a length it does not have', 'tcp', { kind: 'wrongLength' }],
    ['a length it does not have', 'rtu-tcp', { kind: 'wrongLength' }],
    ['more registers than asked for', 'tcp', { kind: 'wrongLength', honest: true }],
    ['more registers than asked for', 'rtu-tcp', { kind: 'wrongLength', honest: true }],
    ['fewer registers than asked for', 'tcp', { kind: 'wrongLength', by: -2, honest: true }],
    ['a wrong checksum', 'rtu-tcp', { kind: 'crcError' }],
    ['an end that is missing', 'rtu-tcp', { kind: 'truncate' }],
  ] as const)('%s over %s is not used, and is counted', async (_name, kind, fault) => {
    const results = await read(kind, fault, 3)
    for (const result of results) expect(result).toHaveProperty('failure')
    expect(meters.activity().failures).toBe(results.length)
  })

  test.each(['tcp', 'rtu-tcp'] as const)('while a right one in pieces over %s is used', async (kind) => {
    for (const result of await read(kind, { kind: 'splitFrame' }, 2))
      expect(result).toMatchObject({ reading: { frequencyHz: FREQUENCY_HZ } })
  })

  test.each([
    ['bytes before it', { kind: 'garbagePrefix', every: 2 }],
    ['our own bytes before it', { kind: 'echo', every: 2 }],
    ['the answer before it', { kind: 'coalesce' }],
  ] as const)('%s on a serial line never gives a wrong value', async (_name, fault) => {
    const readings = (await read('rtu-tcp', fault, 6)).flatMap((result) =>
      'reading' in result ? result.reading : [],
    )
    for (const reading of readings)
      expect(reading).toMatchObject({ frequencyHz: FREQUENCY_HZ, currentA: { l1: 10, l2: 20, l3: 30 } })
  })
})
