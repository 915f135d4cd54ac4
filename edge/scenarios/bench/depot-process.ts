import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import { z } from 'zod'
import { edgeArguments } from './edge-arguments.ts'
import { Lines } from './lines.ts'

const STALL = fileURLToPath(new URL('../../adapters/sqlite/bench-stall.ts', import.meta.url))

export const stationIds = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `S-${String(n + 1).padStart(3, '0')}`)
export const secretOf = (station: string): string => `bench-${station}-0123456789`
export const tokenOf = (station: string): string => `TAG-${station}`

const Ready = z.object({ ocpp: z.string(), http: z.string() })

/** A per phase and station: what the connection and each feeder are rated, and what the building may take of it. */
const RATED_A = 32.5
const BUILDING_A = 26

/** The edge as its users run it, in a process of its own, for `count` AC stations on three feeders. */
export class DepotProcess {
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #stall: ChildProcess
  readonly #stalled: Lines
  readonly ocppUrl: string
  readonly #site: string

  static async start(count: number, meterPort: number): Promise<DepotProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'busbar-loop-'))
    await writeFile(join(folder, 'depot.yaml'), JSON.stringify(configOf(count, meterPort)))
    const args = [...edgeArguments(), '--config', join(folder, 'depot.yaml')]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    process.once('exit', () => child.kill('SIGKILL'))
    const ready: unknown = JSON.parse(await new Lines(child.stdout).next('"edge.ready"'))
    const stall = spawn(process.execPath, [STALL, join(folder, 'data')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    return new DepotProcess(folder, { child, stall, stalled: new Lines(stall.stdout) }, ready)
  }

  private constructor(
    folder: string,
    of: { child: ChildProcess; stall: ChildProcess; stalled: Lines },
    ready: unknown,
  ) {
    this.#folder = folder
    this.#child = of.child
    this.#stall = of.stall
    this.#stalled = of.stalled
    const { ocpp, http } = Ready.parse(ready)
    this.ocppUrl = `${ocpp}/ocpp`
    this.#site = `${http}/api/v1/site`
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async site(): Promise<SiteView> {
    return SiteView.parse(await (await fetch(this.#site)).json())
  }

  /** The facts' write lock is taken from the store, or given back. */
  async stall(order: 'hold' | 'release'): Promise<void> {
    const done = this.#stalled.next(order === 'hold' ? 'held' : 'released')
    this.#stall.stdin?.write(`${order}\n`)
    await done
  }

  async stop(): Promise<void> {
    for (const child of [this.#stall, this.#child]) {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    }
    await rm(this.#folder, { recursive: true })
  }
}

function configOf(count: number, meterPort: number): object {
  const feeders = ['feeder-1', 'feeder-2', 'feeder-3']
  const evse = { evse: 1, current: 'ac', rating_a: 32, phases: ['l1', 'l2', 'l3'], fallback_a: 6 }
  return {
    version: 1,
    depot: { id: 'bench', name: 'Loop bench', time_zone: 'UTC', virtual: true },
    data_folder: 'data',
    ocpp: { listen: { host: '127.0.0.1', port: 0 } },
    lan_http: { listen: { host: '127.0.0.1', port: 0 } },
    site: {
      nominal_voltage_v: 230,
      circuits: [
        { id: 'grid', name: 'Grid', rating_a: RATED_A * count, other_loads_a: BUILDING_A * count },
        ...feeders.map((id) => ({
          id,
          name: id,
          parent: 'grid',
          rating_a: (RATED_A * count) / 3 + 1,
          other_loads_a: 0,
        })),
      ],
    },
    meters: [
      {
        id: 'site-meter',
        name: 'Site meter',
        role: 'grid',
        circuit: 'grid',
        profile: 'janitza-umg',
        modbus_tcp: { host: '127.0.0.1', port: meterPort, unit: 1 },
        poll_ms: 100,
      },
    ],
    balancing: { rest_s: 0 },
    stations: stationIds(count).map((id, n) => ({
      id,
      circuit: feeders[n % 3],
      secret: { virtual: secretOf(id) },
      evses: [evse],
    })),
    vehicles: stationIds(count).map((id) => ({ id: `V-${id}`, id_tokens: [tokenOf(id)], battery_kwh: 300 })),
  }
}
