import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { StationAuthority } from '../../domain/ports/station-authority.ts'
import type {
  AuthorityOptions,
  AuthorityRequestName,
  AuthorityRequests,
  FromAuthority,
  ToAuthority,
} from './authority/messages.ts'

const MAIN = fileURLToPath(new URL('./authority/main.ts', import.meta.url))

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: DepotError) => void
}

/** The certificate authority in a process of its own, which holds the keys. */
export interface RunningAuthority extends StationAuthority {
  stop(): Promise<void>
}

/** @throws DepotError `pki.failed` with the reason, such as keys that others can read */
export async function startStationAuthority(
  options: AuthorityOptions & { readonly clock: Clock },
): Promise<RunningAuthority> {
  const { clock, folder, operator } = options
  const child = fork(MAIN, [JSON.stringify({ folder, operator })], {
    execPath: process.execPath,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const line = new Line(child)
  await line.opened()
  const ask = <N extends AuthorityRequestName>(name: N, params: AuthorityRequests[N]['params']) =>
    line.ask(name, params)
  const now = () => clock.now()
  return {
    trust: () => ask('trust', { now: now() }),
    serverIdentity: (names) => ask('serverIdentity', { now: now(), names }),
    sign: (request) => ask('sign', { now: now(), ...request }),
    issued: () => ask('issued', {}),
    revoke: async (serial) => void (await ask('revoke', { serial })),
    rotate: async () => void (await ask('rotate', { now: now() })),
    retire: async () => void (await ask('retire', {})),
    stop: () => line.close(),
  }
}

/** The pipe to the authority: questions and their answers. */
class Line {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #exit: Promise<void>
  #open: Waiting | null = null
  #gone: string | null = null
  #ids = 0

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message: FromAuthority) => this.#receive(message))
    child.on('error', (error) => this.#end(error.message))
    this.#exit = new Promise((resolve) => {
      child.once('exit', () => {
        this.#end('its process ended')
        resolve()
      })
    })
  }

  opened(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#open = { resolve, reject }
    })
  }

  ask<N extends AuthorityRequestName>(
    name: N,
    params: AuthorityRequests[N]['params'],
  ): Promise<AuthorityRequests[N]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== null) return reject(failed(this.#gone))
      const id = ++this.#ids
      this.#waiting.set(id, { resolve: (value) => resolve(value as AuthorityRequests[N]['answer']), reject })
      this.#child.send({ id, name, params } as ToAuthority, (error) => {
        if (error !== null) this.#take(id)?.reject(failed(error.message))
      })
    })
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#exit
  }

  #receive(message: FromAuthority): void {
    if (message.kind === 'opened') this.#open?.resolve(undefined)
    else if (message.kind === 'refused') {
      this.#open?.reject(failed(message.reason))
      this.#child.disconnect()
    } else if (message.kind === 'answer') this.#take(message.id)?.resolve(message.value)
    else this.#take(message.id)?.reject(failed(message.reason))
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #end(reason: string): void {
    if (this.#gone !== null) return
    this.#gone = reason
    this.#open?.reject(failed(reason))
    for (const { reject } of this.#waiting.values()) reject(failed(reason))
    this.#waiting.clear()
  }
}

const failed = (reason: string) => new DepotError('pki.failed', `the certificate authority: ${reason}`)
