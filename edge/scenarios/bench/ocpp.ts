import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { flushMs } from './flush.ts'
import { Lines } from './lines.ts'
import { EdgeUnderLoad, idsOf, secretOf } from './ocpp/edge-under-load.ts'

/**
 * Calls a second of a depot's mix, each receipt after its durable commit, with 200 and 1,000 stations; memory with
 * 1,000 idle ones; 1,000 that reconnect at once, plain and over TLS. Beside it, in the same run, the RPC library alone
 * in strict mode, which answers the same calls and stores nothing. Stations, edge and bare server are processes of
 * their own. `--quick` makes one short round.
 */
const quick = process.argv.includes('--quick')
const ROUNDS = quick ? 1 : 5
const ROUND_MS = quick ? 1500 : 3000
const STORMS = quick ? 1 : 3
const CROWDS = [200, 1000]

const BARE = fileURLToPath(new URL('./ocpp/bare-server.ts', import.meta.url))
const LOAD = fileURLToPath(new URL('./ocpp/load.ts', import.meta.url))
const Ran = z.object({ callsPerS: z.number(), p50Ms: z.number(), p99Ms: z.number() })
const Storm = z.object({ seconds: z.number() })
type Ran = z.infer<typeof Ran>

/** The stations' process: one order at a time. */
class Crowds {
  readonly #child: ChildProcess = fork(LOAD, [], { execArgv: ['--disable-warning=ExperimentalWarning'] })

  constructor() {
    this.#child.once('exit', () => process.exit(1))
  }

  async do(order: object): Promise<unknown> {
    this.#child.send(order)
    const [answer] = (await once(this.#child, 'message')) as [unknown]
    return answer
  }

  open(name: string, at: { url: string; ca?: string | undefined; count: number }): Promise<unknown> {
    const ids = idsOf(at.count)
    return this.do({ do: 'open', name, url: at.url, ca: at.ca, ids, secrets: ids.map(secretOf) })
  }

  stop(): void {
    this.#child.removeAllListeners('exit')
    this.#child.disconnect()
  }
}

async function bareServer(): Promise<{ url: string; stop(): void }> {
  const args = ['--disable-warning=ExperimentalWarning', BARE]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const line = await new Lines(child.stdout as NonNullable<typeof child.stdout>).next('listening')
  return { url: `ws://127.0.0.1:${line.split(' ')[1]}`, stop: () => child.disconnect() }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const figures: Record<string, number> = {}
const tell = (text: string) => process.stderr.write(`${text}\n`)

/** Rounds of edge and bare server in turn, so that a machine that gets slower slows both. */
async function throughput(crowds: Crowds, count: number): Promise<void> {
  const edge = await EdgeUnderLoad.start(count, 'plain')
  const bare = await bareServer()
  await crowds.open('edge', { url: edge.url, count })
  if (count === 1000) figures.rss_mb_1000 = Math.round(await idleMb(edge))
  await crowds.open('bare', { url: bare.url, count })
  const rounds: { edge: Ran; bare: Ran }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const run = async (name: string) => Ran.parse(await crowds.do({ do: 'run', name, ms: ROUND_MS }))
    const [ours, theirs] = [await run('edge'), await run('bare')]
    rounds.push({ edge: ours, bare: theirs })
    tell(row(`${count} stations, round ${round + 1}`, ours, theirs))
  }
  figures[`calls_per_s_${count}`] = Math.round(median(rounds.map(({ edge: { callsPerS } }) => callsPerS)))
  figures[`ratio_${count}`] = Number(
    median(rounds.map((each) => each.edge.callsPerS / each.bare.callsPerS)).toFixed(3),
  )
  figures[`p50_ms_${count}`] = Number(median(rounds.map(({ edge: { p50Ms } }) => p50Ms)).toFixed(2))
  figures[`p99_ms_${count}`] = Number(median(rounds.map(({ edge: { p99Ms } }) => p99Ms)).toFixed(2))
  if (count === 1000) figures.storm_1000_s = await storms(crowds)
  for (const name of ['edge', 'bare']) await crowds.do({ do: 'close', name })
  bare.stop()
  await edge.stop()
}

const row = (name: string, edge: Ran, bare: Ran): string =>
  [
    name.padEnd(26),
    `${Math.round(edge.callsPerS)}`.padStart(8),
    edge.p50Ms.toFixed(2).padStart(8),
    edge.p99Ms.toFixed(2).padStart(8),
    `${Math.round(bare.callsPerS)}`.padStart(10),
    (edge.callsPerS / bare.callsPerS).toFixed(2).padStart(8),
  ].join('')

/** What is resident once all have booted and said nothing for a while. */
async function idleMb(edge: EdgeUnderLoad): Promise<number> {
  await new Promise((done) => setTimeout(done, quick ? 3000 : 20_000))
  return edge.rssMb
}

async function storms(crowds: Crowds): Promise<number> {
  const took: number[] = []
  for (let n = 0; n < STORMS; n++)
    took.push(Storm.parse(await crowds.do({ do: 'storm', name: 'edge' })).seconds)
  return Number(median(took).toFixed(2))
}

async function secureStorm(crowds: Crowds): Promise<void> {
  const edge = await EdgeUnderLoad.start(1000, 'tls')
  await crowds.open('edge', { url: edge.url, ca: edge.ca, count: 1000 })
  figures.storm_1000_tls_s = await storms(crowds)
  await crowds.do({ do: 'close', name: 'edge' })
  await edge.stop()
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
const crowds = new Crowds()
tell('                           edge/s  p50 ms  p99 ms    bare/s   ratio')
for (const count of CROWDS) await throughput(crowds, count)
await secureStorm(crowds)
crowds.stop()
figures.flush_us = Math.round(flushMs() * 1000)
figures.load_1m = Number(loadavg()[0]?.toFixed(1))
for (const [name, value] of Object.entries(figures)) tell(`${name.padEnd(26)}${value}`)
process.stdout.write(`${JSON.stringify({ bench: 'ocpp', figures })}\n`)
