import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { DepotError } from '@busbar/model/depot-error.ts'
import { formatScaledTime, type ScaledTime } from '@busbar/model/scaled-time.ts'

const MAIN = fileURLToPath(new URL('../../cloud/core/main.ts', import.meta.url))

/** The password the cloud process accepts for a depot. */
export const depotPassword = (depot: string): string => `password of ${depot} `.padEnd(40, '0')

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The real fleet cloud as a process of its own, with its own database, in a folder that goes when it closes. */
export class CloudProcess {
  readonly #folder: string
  readonly #depots: readonly string[]
  readonly #time: ScaledTime
  #generation = 0
  #child: ChildProcess | undefined
  #http = ''
  #mqtt = ''

  static async create(depots: readonly string[], time: ScaledTime): Promise<CloudProcess> {
    return new CloudProcess(await mkdtemp(join(tmpdir(), 'busbar-cloud-')), depots, time)
  }

  private constructor(folder: string, depots: readonly string[], time: ScaledTime) {
    this.#folder = folder
    this.#depots = depots
    this.#time = time
  }

  get http(): string {
    return this.#http
  }

  get mqtt(): string {
    return this.#mqtt
  }

  /** Starts or starts again, on the ports of the first time. */
  async start(): Promise<void> {
    const file = join(this.#folder, 'cloud.yaml')
    await writeFile(file, JSON.stringify(this.#config()))
    const args = [MAIN, '--config', file, '--clock', formatScaledTime(this.#time)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    const said: string[] = []
    const ready = Promise.withResolvers<void>()
    createInterface({ input: child.stderr }).on('line', (line) => said.push(line))
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line)
      said.splice(0, said.length - 20)
      if (line.includes('"cloud.started"')) this.#started(line, ready.resolve)
    })
    child.once('exit', () =>
      ready.reject(new DepotError('testing.cloud', `the cloud ended:\n${said.join('\n')}`)),
    )
    await ready.promise
  }

  /** Ends the process: politely, or as a power cut would. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }

  /** From the next start on it has lost everything, as after a restore from nothing. */
  forget(): void {
    this.#generation++
  }

  /** Holds the database's processes still, or lets them go on. */
  async database(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const lock = await readFile(join(this.#data, 'database', 'postgres', 'postmaster.pid'), 'utf8')
    const postmaster = Number(lock.split('\n')[0])
    for (const pid of [postmaster, ...(await childrenOf(postmaster))]) process.kill(pid, signal)
  }

  async close(): Promise<void> {
    await this.end('SIGTERM')
    await rm(this.#folder, { recursive: true, force: true })
  }

  get #data(): string {
    return join(this.#folder, `data-${this.#generation}`)
  }

  #config(): object {
    const portOf = (address: string) => (address === '' ? 0 : Number(new URL(address).port))
    return {
      fleet: { name: 'Test fleet' },
      data_folder: this.#data,
      http: { port: portOf(this.#http) },
      mqtt: { port: portOf(this.#mqtt) },
      database: { kind: 'embedded' },
      depots: this.#depots.map((id) => ({
        id,
        name: id,
        credentials: [{ sha256: hashOf(depotPassword(id)) }],
      })),
    }
  }

  #started(line: string, ready: () => void): void {
    const started: unknown = JSON.parse(line)
    if (typeof started !== 'object' || started === null || !('http' in started) || !('mqtt' in started))
      return
    this.#http = String(started.http)
    this.#mqtt = String(started.mqtt)
    ready()
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger)
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    }),
  )
  return pids.filter((_, index) => parents[index] === parent)
}
