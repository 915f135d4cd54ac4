import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatScaledTime } from '@busbar/model/scaled-time.ts'
import { instant } from '@busbar/units/time.ts'
import { buildPages } from './build-pages.ts'
import { portsFrom, USUAL_PORTS, writeDemoFiles } from './demo-files.ts'
import { isReady } from './is-ready.ts'

const ROOT = join(import.meta.dirname, '../..')
/** A night of twelve hours takes 48 minutes; a minute, four seconds. */
const SCALE = 15
/** The evening rush: vehicles are plugged in and more are coming. */
const START_HOUR_UTC = 17.5
const READY_DEADLINE_MS = 60_000

const children: { name: string; child: ChildProcess }[] = []
let stopping = false

/** Starts the demo: the fleet cloud, a depot's edge and the simulated depot, on one shared clock. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { scale: { type: 'string', default: String(SCALE) }, 'first-port': { type: 'string' } },
  })
  const first = values['first-port']
  const ports = first === undefined ? USUAL_PORTS : portsFrom(Number(first))
  await buildPages()
  // Each start is a new first night: the clock begins at the same evening hour again.
  const folder = join(ROOT, 'data', first === undefined ? 'demo' : `demo-${first}`)
  await rm(folder, { recursive: true, force: true })
  const files = await writeDemoFiles(folder, ports)
  const clock = ['--clock', demoClock(Number(values.scale))]
  start('cloud', ['cloud/core/main.ts', '--config', files.cloud, ...clock])
  await answers(`http://127.0.0.1:${ports.fleet}/health`)
  start('simulator', ['edge/simulators/main.ts', '--config', files.simulation, '--quiet', ...clock])
  start('edge', ['edge/main.ts', '--config', files.depot, ...clock])
  await answers(`http://127.0.0.1:${ports.depot}/api/v1/site`)
  process.stdout.write(`
Busbar demo: a simulated depot of 24 stations, at ${values.scale} times real speed.

  Depot, Now page      http://127.0.0.1:${ports.depot}
  Fleet dashboard      http://127.0.0.1:${ports.fleet}
  Depot API            http://127.0.0.1:${ports.depot}/api/v1/site
  API documents        http://127.0.0.1:${ports.depot}/api/v1/openapi.json

Press Ctrl+C to stop.
`)
}

function demoClock(scale: number): string {
  const now = Date.now()
  const midnight = now - (now % 86_400_000)
  return formatScaledTime({
    anchor: instant(now),
    origin: instant(midnight + START_HOUR_UTC * 3_600_000),
    scale,
  })
}

function start(name: string, args: readonly string[]): void {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: ROOT,
    // A group of its own: Ctrl+C reaches us alone, and we stop the parts in their order.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  children.push({ name, child })
  child.on('exit', (code, signal) => {
    if (stopping) return
    process.stderr.write(`The ${name} stopped (${signal ?? `exit code ${code}`}); stopping the demo.\n`)
    void stop(1)
  })
}

/** Waits until an address answers that all is well. */
async function answers(url: string): Promise<void> {
  const deadline = Date.now() + READY_DEADLINE_MS
  while (!stopping) {
    if (await isReady(url)) return
    if (Date.now() > deadline) {
      process.stderr.write(`${url} is not ready after ${READY_DEADLINE_MS / 1000} s.\n`)
      return stop(1)
    }
    await new Promise((done) => setTimeout(done, 100))
  }
}

/** Stops the parts in reverse order, and ends. */
async function stop(code: number): Promise<void> {
  if (stopping) return
  stopping = true
  for (const { child } of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await gone
    clearTimeout(timer)
  }
  process.exit(code)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0))
await main()
