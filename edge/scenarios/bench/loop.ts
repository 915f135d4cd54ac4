import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { DepotError } from '@busbar/model/depot-error.ts'
import { seededRandom, within } from '../../simulators/random.ts'
import { DepotProcess } from './depot-process.ts'
import { flushMs } from './flush.ts'
import { type Wave, Yard } from './yard.ts'

/**
 * From a rise of the building load at the site meter, polled each 100 ms, to the frame with the reduced limit at the
 * last station that must give way: the real edge in a process of its own, real sockets, real disk, real time. An
 * argument, `24`, `200` or `200_odd`, runs that part alone.
 */
const runs = [
  { name: '24', stations: 24, odd: 0, rises: 30, stalls: 0 },
  { name: '200', stations: 200, odd: 0, rises: 30, stalls: 10 },
  // A fifth misbehaves: their limits are never waited for, and what they may draw is kept free.
  { name: '200_odd', stations: 200, odd: 40, rises: 30, stalls: 0 },
]
/** A per station: the building before the first rise, and each rise. */
const BUILDING_A = 2
const RISE_A = 0.5
const STALL_MS = 1000
/** In this time every station of the yard has applied what it was sent. */
const APPLIED_MS = 600

const random = seededRandom(1)

/** A wave, and how long the edge's and this process's main threads stood ready without a processor in it, ms. */
type Measured = Wave & { readonly starved: number }

/** Real ms that a process's main thread has waited for a processor. @see Linux, Documentation/scheduler/sched-stats */
function starvedMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
}

/** Nearly every limit in force is proven obeyed, and nothing is under way: a rise from here shows one decision. */
async function settle(depot: DepotProcess, yard: Yard, enoughA: number): Promise<void> {
  for (;;) {
    await pause(150)
    const { startup, evses } = await depot.site()
    const quiet =
      yard.quietMs > 250 && yard.offeredA.every((offered) => offered !== null && offered >= enoughA)
    const sound = evses.slice(0, yard.offeredA.length)
    const unproven = sound.filter(({ held_w, pending_w }) => held_w > 0 || pending_w !== null)
    if (quiet && startup.every(({ done }) => done) && unproven.length <= evses.length / 50) return
  }
}

async function rise(
  depot: DepotProcess,
  yard: Yard,
  of: { stations: number; stalled: boolean },
): Promise<Measured> {
  if (of.stalled) await depot.stall('hold')
  const until = performance.now() + STALL_MS
  // At any phase of the poll; within a stall, in its first half.
  await pause(within(random, 0, 300))
  const before = yard.offeredA
  const starved = () => starvedMs(depot.pid) + starvedMs(process.pid)
  const from = starved()
  const wave = await yard.rise(RISE_A * of.stations)
  const measured = { ...wave, starved: starved() - from }
  if (of.stalled) {
    await pause(until - performance.now())
    await depot.stall('release')
  }
  await pause(APPLIED_MS)
  const lower = yard.offeredA.filter((offered, n) => (offered ?? 0) < (before[n] ?? 0)).length
  if (lower < wave.stations)
    throw new DepotError('bench.not-lower', `${wave.stations} stations got a limit, ${lower} a lower one`)
  await settle(depot, yard, 6)
  return measured
}

async function measure(run: (typeof runs)[number]): Promise<{ plain: Measured[]; stalled: Measured[] }> {
  const { stations, rises, stalls } = run
  const yard = await Yard.start(BUILDING_A * stations)
  const depot = await DepotProcess.start(stations, yard.meter.port)
  yard.open(stations, depot.ocppUrl, run.odd)
  await settle(depot, yard, 28)
  // A first rise, not measured, leaves all stations with the same share.
  yard.add(6 * RISE_A * stations)
  await pause(3000)
  await settle(depot, yard, 6)
  const plain: Measured[] = []
  const stalled: Measured[] = []
  while (plain.length < rises) plain.push(await rise(depot, yard, { stations, stalled: false }))
  while (stalled.length < stalls) stalled.push(await rise(depot, yard, { stations, stalled: true }))
  await yard.stop()
  await depot.stop()
  return { plain, stalled }
}

/** Nearest rank: below a hundred values p99 is the largest. */
function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Number((sorted[Math.ceil((p / 100) * sorted.length) - 1] ?? Number.NaN).toFixed(1))
}

const PARTS = {
  '': ({ last }: Measured) => last,
  poll_: ({ asked }: Measured) => asked,
  decide_: ({ asked, first }: Measured) => first - asked,
  send_: ({ first, last }: Measured) => last - first,
  starved_: ({ starved }: Measured) => starved,
}

const figures: Record<string, number> = {}

function report(name: string, waves: readonly Measured[]): void {
  for (const [part, of] of Object.entries(PARTS))
    for (const p of [50, 99]) figures[`${part}p${p}_ms_${name}`] = percentile(waves.map(of), p)
  const cells = Object.values(PARTS).map((of) =>
    [50, 99].map((p) => percentile(waves.map(of), p).toFixed(1).padStart(7)).join(' '),
  )
  const least = Math.min(...waves.map(({ stations }) => stations))
  process.stderr.write(
    `${name.padEnd(14)}${String(waves.length).padStart(5)}${String(least).padStart(10)}   ${cells.join('   ')}\n`,
  )
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
process.stderr.write(
  'ms            rises  stations    all p50 p99      poll p50 p99    decide p50 p99      send p50 p99   starved p50 p99\n',
)
for (const run of runs.filter(({ name }) => process.argv[2] === undefined || name === process.argv[2])) {
  const { plain, stalled } = await measure(run)
  report(run.name, plain)
  if (stalled.length > 0) report(`${run.name}_stalled`, stalled)
}
figures.flush_ms = flushMs()
figures.load_1m = Number(loadavg()[0]?.toFixed(1))
process.stderr.write(`disk flush ${figures.flush_ms} ms, load of the machine ${figures.load_1m}\n`)
process.stdout.write(`${JSON.stringify({ bench: 'loop', figures })}\n`)
