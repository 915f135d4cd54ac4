import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import type { MeterLine } from './meter-line.ts'

/** The line behind a pseudo-terminal, whose other end looks like the serial port of an adapter. Needs socat. */
export class PtyServer {
  readonly #line: MeterLine
  readonly #wanted: string | undefined
  #folder: string | undefined
  #device = ''
  #running:
    | { readonly child: ChildProcess; readonly keeper: FileHandle; readonly ended: Promise<void> }
    | undefined

  /** @param device where the port appears; a new temporary folder when absent */
  constructor(line: MeterLine, device?: string) {
    this.#line = line
    this.#wanted = device
  }

  /** Path of the serial port. */
  get device(): string {
    return this.#device
  }

  /** @throws DepotError `simulator.pty` when there can be no pseudo-terminal */
  async open(): Promise<void> {
    if (this.#running) return
    if (this.#wanted === undefined) this.#folder ??= await mkdtemp(join(tmpdir(), 'virtual-line-'))
    this.#device = this.#wanted ?? join(this.#folder ?? tmpdir(), 'port')
    const child = spawn('socat', ['-d', '-d', `pty,raw,echo=0,link=${this.#device}`, '-'])
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    await ready(child)
    // Without one who keeps it open, the terminal would end with the first reader that lets go.
    const keeper = await open(this.#device, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
    this.#running = { child, keeper, ended }
    const { receive, gone } = this.#line.connect({
      write: (bytes) => void child.stdin.write(bytes),
      end: () => undefined,
      reset: () => undefined,
    })
    child.stdout.on('data', receive)
    child.stdin.on('error', () => undefined)
    child.once('close', gone)
  }

  /** The port is gone, as when its adapter is unplugged. */
  async close(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    if (!running) return
    await running.keeper.close()
    running.child.kill()
    await running.ended
    await rm(this.#device, { force: true })
  }

  async stop(): Promise<void> {
    await this.close()
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const fail = (reason: string) => reject(new DepotError('simulator.pty', `pseudo-terminal: ${reason}`))
    child.once('error', (error) => fail(messageOf(error)))
    child.once('close', () => fail(said.trim()))
    child.stderr?.on('data', (chunk) => {
      said += String(chunk)
      if (said.includes('starting data transfer loop')) resolve()
    })
  })
}
