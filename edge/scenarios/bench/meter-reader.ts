import { writeSync } from 'node:fs'
import { as, type MeterId } from '@busbar/model/ids.ts'
import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { milliseconds } from '@busbar/units/time.ts'
import { createModbusMeters, type Endpoint } from '../../adapters/modbus/modbus-meters.ts'
import { SimulatorClock } from '../../simulators/clock.ts'
import { benchProfile } from './bench-profile.ts'

/** What the reader is told in its argument. */
export interface ReaderOrder {
  readonly profile: string
  readonly meters: readonly { readonly endpoint: Endpoint; readonly unit: number }[]
  readonly pollMs: number
  readonly warmMs: number
  readonly runMs: number
}

/** What it saw between the end of the warm-up and its own. */
export interface ReaderReport {
  readonly scans: number
  readonly failures: number
  readonly skipped: number
  readonly p50AgeMs: number
  readonly p99AgeMs: number
  /** Of one core. */
  readonly cpuShare: number
  readonly seconds: number
}

/** Prime to the periods, so that ages are caught at all points between two readings. */
const LOOK_MS = 7

/**
 * Run as a process of its own by the metering benchmark: reads meters as the edge does and looks all the time how old
 * what it has of each is. Prints `warm`, then its report.
 */
const order: ReaderOrder = JSON.parse(process.argv[2] ?? '{}')
const clock = new SimulatorClock()
const profile = await benchProfile(order.profile)
const readings = createModbusMeters({
  meters: order.meters.map(({ endpoint, unit }, index) => ({
    ...{
      id: as<MeterId>(`M-${index}`),
      profile,
      endpoint,
      unit,
      poll: milliseconds(order.pollMs),
      invert: false,
    },
    plausible: { nominalV: volts(230), maxA: amps(100), maxW: watts(69_000) },
  })),
  clock,
  random: Math.random,
  log: { info: () => undefined, warn: () => undefined },
})

const measuredAt = new Map<MeterId, number>()
await readings.start((result) => {
  if ('reading' in result) measuredAt.set(result.reading.meter, result.reading.measuredAtMonotonic)
})
const pause = (ms: number) => new Promise<void>((resolve) => void clock.timer(milliseconds(ms), resolve))
await pause(order.warmMs)
writeSync(1, 'warm\n')

const ages: number[] = []
const before = { ...readings.activity(), cpu: process.cpuUsage(), at: clock.monotonic() }
while (clock.monotonic() - before.at < order.runMs) {
  await pause(LOOK_MS)
  const now = clock.monotonic()
  for (const at of measuredAt.values()) ages.push(now - at)
}
const cpu = process.cpuUsage(before.cpu)
const elapsed = clock.monotonic() - before.at
const after = readings.activity()
ages.sort((a, b) => a - b)
const report: ReaderReport = {
  scans: after.scans - after.failures - (before.scans - before.failures),
  failures: after.failures - before.failures,
  skipped: after.skipped - before.skipped,
  p50AgeMs: ages[Math.floor(0.5 * ages.length)] ?? 0,
  p99AgeMs: ages[Math.floor(0.99 * ages.length)] ?? 0,
  cpuShare: (cpu.user + cpu.system) / 1000 / elapsed,
  seconds: elapsed / 1000,
}
writeSync(1, `report ${JSON.stringify(report)}\n`)
await readings.stop()
