import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { DepotError } from '@busbar/model/depot-error.ts'
import type {
  Append,
  FromWorker,
  RequestName,
  RequestOf,
  Requests,
  StoreOpened,
  WorkerOptions,
} from './messages.ts'

type Answer = { readonly resolve: (value: unknown) => void; readonly reject: (reason: DepotError) => void }
export type Settled = Extract<FromWorker, { kind: 'committed' | 'failed' }>

export interface ClientListener {
  settled(result: Settled): void
  problem(message: string): void
  /** The worker ended without being asked to. */
  lost(reason: string): void
}

/**
 * Node strips the types of a worker's modules with WebAssembly of its own. When two threads do so at once, V8 may free
 * the wrappers of one under the other and end the process (seen in v24.21: SIGSEGV in `Runtime_TierUpWasmToJSWrapper`).
 * Wrappers that never tier up are never freed. Must be set before the thread starts.
 */
const KEEP_WASM_WRAPPERS = '--wasm-wrapper-tiering-budget=2147483647'

/** The main thread's end of the store worker. */
export class WorkerClient {
  readonly #worker: Worker
  readonly #listener: ClientListener
  readonly #answers = new Map<number, Answer>()
  readonly #exit: Promise<void>
  #opened: { resolve: (opened: StoreOpened) => void; reject: (reason: DepotError) => void } | null = null
  #refused: DepotError | null = null
  #closing = false
  #gone: string | null = null
  #ids = 0

  constructor(options: WorkerOptions, listener: ClientListener) {
    this.#listener = listener
    setFlagsFromString(KEEP_WASM_WRAPPERS)
    this.#worker = new Worker(new URL('./worker/main.ts', import.meta.url), { workerData: options })
    this.#worker.on('message', (message: FromWorker) => this.#receive(message))
    this.#worker.on('error', (error) => this.#end(`the store worker failed: ${error.message}`))
    this.#exit = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#end('the store worker ended')
        resolve()
      })
    })
  }

  /** @throws DepotError `store.locked`, `store.corrupt`, `store.failed` */
  opened(): Promise<StoreOpened> {
    return new Promise((resolve, reject) => {
      this.#opened = { resolve, reject }
    })
  }

  post(append: Append): void {
    this.#worker.postMessage(append)
  }

  request<N extends RequestName>(name: N, params: Requests[N]['params']): Promise<Requests[N]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== null) return reject(new DepotError('store.failed', this.#gone))
      const request: RequestOf<N> = { kind: 'request', id: ++this.#ids, name, params }
      this.#answers.set(request.id, { resolve: (value) => resolve(value as Requests[N]['answer']), reject })
      this.#worker.postMessage(request)
    })
  }

  async close(): Promise<void> {
    this.#closing = true
    if (this.#gone === null) await this.request('close', null)
    await this.#exit
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'opened') this.#opened?.resolve(message.opened)
    else if (message.kind === 'refused') this.#refused = new DepotError(message.code, message.message)
    else if (message.kind === 'problem') this.#listener.problem(message.message)
    else if (message.kind === 'answer') this.#take(message.id)?.resolve(message.value)
    else if (message.kind === 'error')
      this.#take(message.id)?.reject(new DepotError(message.code, message.message))
    else this.#listener.settled(message)
  }

  #take(id: number): Answer | undefined {
    const answer = this.#answers.get(id)
    this.#answers.delete(id)
    return answer
  }

  #end(reason: string): void {
    if (this.#gone !== null) return
    this.#gone = reason
    // a refusal is told only now: the files are closed and the folder is free again
    const error = this.#refused ?? new DepotError('store.failed', reason)
    this.#opened?.reject(error)
    for (const { reject } of this.#answers.values()) reject(error)
    this.#answers.clear()
    if (!this.#closing) this.#listener.lost(reason)
  }
}
