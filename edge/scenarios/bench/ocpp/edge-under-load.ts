import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { edgeArguments } from '../edge-arguments.ts'
import { Lines } from '../lines.ts'

const Ready = z.object({ ocpp: z.string(), ocpp_tls: z.string().nullable() })

export const idsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `B-${String(n + 1).padStart(4, '0')}`)
export const secretOf = (id: string): string => `bench-${id}-0123456789`

/** The edge as its users run it, with so many stations; nobody measures its feeders, so all draw their fallback. */
export class EdgeUnderLoad {
  readonly #folder: string
  readonly #child: ChildProcess
  readonly url: string
  readonly ca: string | undefined

  static async start(count: number, security: 'plain' | 'tls'): Promise<EdgeUnderLoad> {
    const folder = await mkdtemp(join(tmpdir(), 'busbar-ocpp-'))
    await writeFile(join(folder, 'depot.yaml'), JSON.stringify(configOf(count, security)))
    const args = [...edgeArguments(), '--config', join(folder, 'depot.yaml')]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    process.once('exit', () => child.kill('SIGKILL'))
    const ready = Ready.parse(JSON.parse(await new Lines(child.stdout).next('"edge.ready"')))
    const ca = security === 'tls' ? await readFile(join(folder, 'data/pki/root-1.pem'), 'utf8') : undefined
    return new EdgeUnderLoad(folder, child, { url: ready.ocpp_tls ?? ready.ocpp, ca })
  }

  private constructor(folder: string, child: ChildProcess, at: { url: string; ca: string | undefined }) {
    this.#folder = folder
    this.#child = child
    this.url = `${at.url.replace('127.0.0.1', 'localhost')}/ocpp`
    this.ca = at.ca
  }

  /** Resident memory, MB. */
  get rssMb(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exit
    await rm(this.#folder, { recursive: true })
  }
}

/** Roomy: what is measured is the way of a message, not the balancing of scarcity. */
function configOf(count: number, security: 'plain' | 'tls'): object {
  const evse = { evse: 1, current: 'ac', rating_a: 32, phases: ['l1', 'l2', 'l3'], fallback_a: 6 }
  const listen = { host: '127.0.0.1', port: 0 }
  const tls = { listen, names: ['localhost', '127.0.0.1'], operator: 'Bench' }
  return {
    version: 1,
    depot: { id: 'bench', name: 'OCPP bench', time_zone: 'UTC', virtual: true },
    data_folder: 'data',
    log_level: 'info',
    ocpp: { listen, ...(security === 'tls' ? { tls } : {}) },
    lan_http: { listen },
    site: {
      nominal_voltage_v: 230,
      circuits: [{ id: 'grid', name: 'Grid', rating_a: 40 * count, other_loads_a: 0 }],
    },
    meters: [],
    stations: idsOf(count).map((id) => ({
      id,
      circuit: 'grid',
      secret: { virtual: secretOf(id) },
      ...(security === 'tls' ? { security_profile: 2 } : {}),
      evses: [evse],
    })),
    vehicles: idsOf(count).map((id) => ({ id: `V-${id}`, id_tokens: [`TAG-${id}`], battery_kwh: 300 })),
  }
}
