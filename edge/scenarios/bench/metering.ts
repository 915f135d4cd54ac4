import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startVirtualMeter } from '../../simulators/meter/virtual-meter.ts'
import { benchProfile } from './bench-profile.ts'
import { Lines } from './lines.ts'
import type { ReaderOrder, ReaderReport } from './meter-reader.ts'
import { meterYear } from './meter-year.ts'
import { PacedLine } from './paced-line.ts'
import { PICTURE } from './picture.ts'

/**
 * How often and how fresh the meter reader reads: meters over TCP, and ten on one serial line against what that line
 * can carry at all. The reader is a process of its own, real sockets, real time.
 */
const READER = fileURLToPath(new URL('./meter-reader.ts', import.meta.url))
const LINE = { units: 10, baud: 19_200, bitsPerByte: 11, turnAroundMs: 10, gapMs: 30 } as const
/** Shares of what the line can carry that the meters ask for: one that must fit, one that is too much. */
const LOADS = [0.8, 1.3]

const say = (text: string) => console.error(text)
const round = (n: number, digits = 1) => Math.round(n * 10 ** digits) / 10 ** digits

const figures = { ...(await overTcp()), ...(await overSerial()), ...(await onDisk()) }
console.log(JSON.stringify({ bench: 'metering', figures }))

async function overTcp() {
  const profile = await benchProfile('janitza-umg')
  const meters = await Promise.all(
    Array.from({ length: 20 }, () =>
      startVirtualMeter({ profile, host: '127.0.0.1', port: 0, unit: 1, picture: () => PICTURE }),
    ),
  )
  const run = (count: number, pollMs: number, runMs: number) =>
    read({
      ...{ profile: profile.id, pollMs, warmMs: 2000, runMs },
      meters: meters
        .slice(0, count)
        .map(({ port }) => ({ endpoint: { kind: 'tcp', host: '127.0.0.1', port }, unit: 1 })),
    })
  for (const count of [1, 20]) {
    const { scans, seconds } = await run(count, 5, 5000)
    say(`${count} over TCP, as fast as rests allow: ${round(scans / seconds)} polls/s`)
  }
  const one = await run(1, 200, 5000)
  say(`1 over TCP each 200 ms: age p50 ${round(one.p50AgeMs)} ms, p99 ${round(one.p99AgeMs)} ms`)
  const all = await run(20, 200, 15_000)
  say(
    `20 over TCP each 200 ms: age p50 ${round(all.p50AgeMs)} ms, p99 ${round(all.p99AgeMs)} ms, CPU ${round(100 * all.cpuShare, 2)} %`,
  )
  await Promise.all(meters.map((meter) => meter.stop()))
  return { p99_age_ms_20: round(all.p99AgeMs), cpu_share_20: round(all.cpuShare, 4) }
}

async function overSerial() {
  const profile = await benchProfile('carlo-gavazzi-em340')
  const line = new PacedLine({ ...LINE, profile })
  await line.start()
  const run = async (pollMs: number, runMs: number) => {
    const order: ReaderOrder = {
      ...{ profile: profile.id, pollMs, warmMs: 2 * pollMs, runMs },
      meters: Array.from({ length: LINE.units }, (_, n) => ({
        endpoint: { kind: 'rtu', device: line.device, baud: LINE.baud, parity: 'even', stopBits: 1 },
        unit: n + 1,
      })),
    }
    let before = line.physicalMs
    const report = await read(order, () => {
      before = line.physicalMs
    })
    return { ...report, physicalMs: line.physicalMs - before }
  }
  const calm = await run(4000, 12_000)
  const scanMs = calm.physicalMs / calm.scans
  say(`10 on one ${LINE.baud} baud line: a scan takes ${round(scanMs)} ms of the line at least`)
  let ratio = 0
  for (const load of LOADS) {
    const pollMs = Math.ceil((LINE.units * scanMs) / load)
    const { seconds, scans, skipped, failures } = await run(pollMs, 12_000)
    // Whole scans alone count, not what was read in vain.
    const carried = (scans * scanMs) / 1000 / seconds
    ratio = Math.max(ratio, carried)
    say(
      `  asked for ${round(100 * load)} %: carried ${round(100 * carried)} %, ${round(scans / seconds)} polls/s, ${skipped + failures} left out`,
    )
  }
  line.stop()
  return { rtu_line_ratio: round(ratio, 3) }
}

async function onDisk() {
  const { samplesMb, sampleDays, minutesMb, dayQueryMs } = await meterYear()
  say(
    `on disk: ${round(samplesMb)} MB of samples each second (${sampleDays} days), ${round(minutesMb)} MB of minutes (a year)`,
  )
  say(`a day at one minute out of the year: ${round(dayQueryMs, 2)} ms`)
  return { mb_per_meter_year: round(samplesMb + minutesMb), day_query_ms: round(dayQueryMs, 2) }
}

async function read(order: ReaderOrder, onWarm: () => void = () => undefined): Promise<ReaderReport> {
  const args = ['--disable-warning=ExperimentalWarning', READER, JSON.stringify(order)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const lines = new Lines(child.stdout)
  const warm = lines.next('warm').then(onWarm)
  const report = lines.next('report ')
  await warm
  const { length } = 'report '
  const parsed: ReaderReport = JSON.parse((await report).slice(length))
  await exit
  return parsed
}
