import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '@busbar/model/clock.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { LinearProgram, Planner, PlannerAnswer } from '../../domain/ports/planner.ts'
import type { SolveRequest, SolveResult } from './messages.ts'

const WORKER = new URL('./worker/main.ts', import.meta.url)

interface Job {
  readonly program: LinearProgram
  readonly limit: Duration
  readonly resolve: (answer: PlannerAnswer) => void
}

/** HiGHS in a worker thread, so that no program holds up the control loop. */
export class HighsPlanner implements Planner {
  readonly #clock: Pick<Clock, 'timer'>
  readonly #script: URL
  readonly #queue: Job[] = []
  #worker: Worker | null = null
  #busy: { readonly id: number; readonly job: Job; readonly timer: Timer } | null = null
  #ids = 0
  #stopped = false

  /**
   * @param clock of real time: solving takes as long as it takes, whatever a scaled clock says
   * @param script the worker's program; a test puts one here that hangs or crashes
   */
  constructor(clock: Pick<Clock, 'timer'>, script: URL = WORKER) {
    this.#clock = clock
    this.#script = script
  }

  solve(program: LinearProgram, limit: Duration): Promise<PlannerAnswer> {
    if (this.#stopped) return Promise.resolve({ kind: 'none', reason: 'stopped' })
    return new Promise((resolve) => {
      this.#queue.push({ program, limit, resolve })
      this.#next()
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const { resolve } of this.#queue.splice(0)) resolve({ kind: 'none', reason: 'stopped' })
    const worker = this.#worker
    this.#giveUp({ kind: 'none', reason: 'stopped' })
    await worker?.terminate()
  }

  #next(): void {
    const job = this.#busy === null ? this.#queue.shift() : undefined
    if (job === undefined) return
    this.#worker ??= this.#start()
    const id = ++this.#ids
    const timer = this.#clock.timer((job.limit * 2) as Duration, () =>
      this.#giveUp({ kind: 'none', reason: 'late' }),
    )
    this.#busy = { id, job, timer }
    const request: SolveRequest = { id, program: job.program, limitS: job.limit / 1000 }
    this.#worker.postMessage(request)
  }

  #start(): Worker {
    // Threads that load WebAssembly beside each other may crash V8 otherwise: see the store's worker-client.ts.
    setFlagsFromString('--wasm-wrapper-tiering-budget=2147483647')
    const worker = new Worker(this.#script)
    worker.on('message', ({ id, answer }: SolveResult) => {
      if (this.#busy?.id === id) this.#settle(answer)
    })
    const ended = () => {
      if (this.#worker === worker) this.#giveUp({ kind: 'none', reason: 'failed' })
    }
    worker.on('error', ended)
    worker.on('exit', ended)
    worker.unref()
    return worker
  }

  /** Ends the worker, which may be hung or broken; the next program gets a new one. */
  #giveUp(answer: PlannerAnswer): void {
    const worker = this.#worker
    this.#worker = null
    worker?.terminate().catch(() => undefined)
    this.#settle(answer)
  }

  #settle(answer: PlannerAnswer): void {
    const busy = this.#busy
    this.#busy = null
    busy?.timer.cancel()
    busy?.job.resolve(answer)
    this.#next()
  }
}
