import type { Clock, Timer } from '@busbar/model/clock.ts'
import { type Duration, type Monotonic, milliseconds, monotonic } from '@busbar/units/time.ts'
import { type Endpoint, ModbusClient, type UnitBlock } from './modbus-client.ts'
import { failure, type ModbusFailure, type ModbusReply } from './modbus-result.ts'

/** One read with its manners: how long to wait for the reply, how long the line rests before the request. */
export interface BusRequest extends UnitBlock {
  readonly deadline: Duration
  readonly minGap: Duration
}

export interface BusOptions {
  readonly endpoint: Endpoint
  readonly clock: Clock
  /** 0 to 1, spreads reconnects. */
  readonly random: () => number
  readonly log: Log
}

/** What a bus says of its connection. */
export interface Log {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
}

type Result = ModbusReply | ModbusFailure
interface Job {
  readonly request: BusRequest
  readonly settle: (result: Result) => void
}

const TIMEOUTS_UNTIL_REBUILD = 5
const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 30_000

/**
 * One physical connection: a queue with one request in flight. Every read settles by its deadline, never rejects, and
 * is not repeated here: the next scan is the retry.
 */
export class ModbusBus {
  readonly #options: BusOptions
  readonly #queue: Job[] = []
  readonly counters = { requests: 0, timeouts: 0, rebuilds: 0 }
  #active: Job | undefined
  #rest: Timer | undefined
  #lastEnd: Monotonic | undefined
  #lastUnit: number | undefined
  #client: ModbusClient | undefined
  /** Whether the present connection has ever answered. */
  #proven = false
  #timeouts = 0
  #failures = 0
  #retryAt: Monotonic | undefined
  #closed = false

  constructor(options: BusOptions) {
    this.#options = options
  }

  /** Requests waiting for the network now: 0 or 1. A request waiting for the clock is not one. */
  get inFlight(): number {
    return this.#active ? 1 : 0
  }

  read(request: BusRequest): Promise<Result> {
    if (this.#closed) return Promise.resolve(failure('closed', 'the bus is closed'))
    return new Promise((settle) => {
      this.#queue.push({ request, settle })
      this.#next()
    })
  }

  /** Settles everything pending as `closed` and lets go of the connection. */
  close(): void {
    this.#closed = true
    this.#rest?.cancel()
    const pending = this.#active ? [this.#active, ...this.#queue] : [...this.#queue]
    this.#queue.length = 0
    for (const { settle } of pending) settle(failure('closed', 'the bus is closed'))
    this.#client?.destroy('the bus is closed')
  }

  #next(): void {
    const job = this.#queue[0]
    if (!job || this.#active || this.#rest || this.#closed) return
    const rest = this.#restBefore(job.request)
    if (rest > 0) {
      this.#rest = this.#options.clock.timer(milliseconds(rest), () => {
        this.#rest = undefined
        this.#next()
      })
      return
    }
    this.#queue.shift()
    this.#active = job
    void this.#run(job)
  }

  #restBefore({ unit, minGap }: BusRequest): number {
    if (this.#lastEnd === undefined) return 0
    // Some gateways lose a request that follows the answer of another unit too soon.
    const gap = unit === this.#lastUnit ? minGap : 2 * minGap
    return this.#lastEnd + gap - this.#options.clock.monotonic()
  }

  async #run(job: Job): Promise<void> {
    const { clock } = this.#options
    const client = await this.#connected(job.request)
    const result = 'failed' in client ? client : await this.#exchange(client, job.request)
    if (!('failed' in client)) {
      this.#lastEnd = clock.monotonic()
      this.#lastUnit = job.request.unit
    }
    this.#active = undefined
    job.settle(result)
    this.#next()
  }

  async #exchange(client: ModbusClient, request: BusRequest): Promise<Result> {
    const { clock } = this.#options
    this.counters.requests += 1
    const late = failure('timeout', `no answer from unit ${request.unit} within ${request.deadline} ms`)
    const answer = await this.#within(request.deadline, client.read(request), late)
    const stamp = { at: clock.now(), monotonic: clock.monotonic() }
    if (answer === late) this.#missed(client)
    else if ('failed' in answer) this.#failed(client, answer)
    else this.#answered()
    return 'failed' in answer ? answer : { words: answer, ...stamp }
  }

  #answered(): void {
    this.#proven = true
    this.#timeouts = 0
    this.#failures = 0
  }

  #missed(client: ModbusClient): void {
    this.counters.timeouts += 1
    this.#timeouts += 1
    if (this.#timeouts >= TIMEOUTS_UNTIL_REBUILD) this.#drop(client, `${this.#timeouts} timeouts in a row`)
  }

  #failed(client: ModbusClient, { failed, reason }: ModbusFailure): void {
    if (failed.startsWith('exception')) this.#answered()
    // After a wrong frame nobody knows where the next one begins.
    else this.#drop(client, reason)
  }

  async #connected({ deadline }: BusRequest): Promise<ModbusClient | ModbusFailure> {
    if (this.#client?.isOpen) return this.#client
    if (this.#client) this.#drop(this.#client, 'connection lost')
    const { clock, endpoint, log } = this.#options
    const wait = this.#retryAt === undefined ? 0 : this.#retryAt - clock.monotonic()
    if (wait > 0) return failure('closed', `not connected; next attempt in ${Math.ceil(wait)} ms`)
    const client = new ModbusClient(endpoint)
    this.#client = client
    this.#proven = false
    const late = failure('closed', `no connection within ${deadline} ms`)
    const failed = await this.#within(deadline, client.connect(), late)
    if (failed) this.#drop(client, failed.reason)
    else log.info(endpoint, 'modbus connection open')
    return failed ?? client
  }

  #drop(client: ModbusClient, reason: string): void {
    const { clock, endpoint, log, random } = this.#options
    client.destroy(reason)
    this.#client = undefined
    this.#timeouts = 0
    this.counters.rebuilds += 1
    if (this.#closed) return
    this.#failures = this.#proven ? 0 : this.#failures + 1
    const backoff = this.#proven ? 0 : backoffMs(this.#failures) * (0.5 + random() / 2)
    this.#retryAt = monotonic(clock.monotonic() + backoff)
    log.warn({ ...endpoint, reason, retry_ms: Math.round(backoff) }, 'modbus connection dropped')
  }

  #within<T>(deadline: Duration, work: Promise<T>, late: T): Promise<T> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.timer(deadline, () => resolve(late))
      void work.then((result) => {
        timer.cancel()
        resolve(result)
      })
    })
  }
}

const backoffMs = (failures: number): number =>
  Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1))
