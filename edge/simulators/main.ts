import { parseArgs } from 'node:util'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { parseScaledTime } from '@busbar/model/scaled-time.ts'
import { toIso } from '@busbar/units/time.ts'
import { SimulatorClock } from './clock.ts'
import { type Controlled, startControl } from './control.ts'
import { startVirtualDepot, type VirtualDepot } from './depot/depot.ts'
import type { DepotEvent } from './depot/history.ts'
import { readSimulation } from './depot/read-config.ts'

const USAGE =
  'node edge/simulators/main.ts --config FILE [--clock ANCHOR_MS,ORIGIN_MS,SCALE] [--control PORT] [--quiet]'
/** A demo runs for days; nobody asks this process for its history. */
const KEPT_ENTRIES = 1000

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      clock: { type: 'string' },
      control: { type: 'string' },
      quiet: { type: 'boolean' },
    },
  })
  if (values.config === undefined) throw new DepotError('config.arguments', `--config is missing: ${USAGE}`)
  const clock = new SimulatorClock(values.clock === undefined ? undefined : parseScaledTime(values.clock))
  const options = await readSimulation(values.config)
  const depot = startVirtualDepot(
    { ...options, keep: KEPT_ENTRIES },
    { clock, ...(values.quiet ? {} : { onEvent: print }) },
  )
  await depot.start()
  process.stdout.write(
    `virtual depot ready: ${depot.stations.length} stations towards ${options.ocppUrl}, meter on port ${depot.meterPort}\n`,
  )
  if (values.control !== undefined) {
    const { port } = await startControl(controlled(depot), controlPort(values.control))
    process.stdout.write(`faults at http://127.0.0.1:${port}/faults, quirks at /quirks\n`)
  }
  process.stdout.once('error', () => stop(depot))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(depot))
}

const controlled = (depot: VirtualDepot): Controlled => ({
  lines: () => depot.meterLines(),
  stations: () => new Map(depot.stations.map((station) => [station.id, station])),
})

function controlPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new DepotError('config.arguments', `--control: expected a port, found "${text}"`)
}

function print({ at, subject, kind, detail }: DepotEvent): void {
  process.stdout.write(`${toIso(at)} ${subject} ${kind} ${JSON.stringify(detail)}\n`)
}

function stop(depot: VirtualDepot): void {
  depot.stop().then(() => process.exit(0), fail)
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(1)
}

main().catch(fail)
