import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The edge program as a process of its own, which can be killed. */
export class EdgeProcess {
  readonly #args: readonly string[]
  readonly #cache: string
  #child: ChildProcess | null = null
  #errors = ''

  constructor(options: { config: string; clock: string; folder: string }) {
    this.#args = [
      '--disable-warning=ExperimentalWarning',
      MAIN,
      '--config',
      options.config,
      '--clock',
      options.clock,
    ]
    this.#cache = join(options.folder, 'compile-cache')
  }

  start(): void {
    const child = spawn(process.execPath, this.#args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: this.#cache },
    })
    child.stderr.on('data', (chunk) => {
      this.#errors += String(chunk)
    })
    this.#child = child
  }

  /** @throws what it said last, when it has ended by itself */
  check(): void {
    const child = this.#child
    if (child !== null && child.exitCode !== null)
      throw new Error(`the edge ended by itself: ${this.#errors}`)
  }

  /** Ends it at once, as a power cut ends a process. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.check()
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    this.#child = null
  }

  /** Asks it to stop and waits until it has. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
    this.#child = null
  }
}
