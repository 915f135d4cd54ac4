import type { Clock, Timer } from '@busbar/model/clock.ts'
import { type Duration, type Monotonic, milliseconds, monotonic } from '@busbar/units/time.ts'
import { type Endpoint, lineOf, numbersAnswers, timeOnWire } from './endpoint.ts'
import { LineStats } from './line-stats.ts'
import { ModbusClient, type UnitBlock } from './modbus-client.ts'
import { failure, type ModbusFailure, type ModbusReply } from './modbus-result.ts'

/** One read with its manners: how long to wait for the reply, how long the line rests before the request. */
export interface BusRequest extends UnitBlock {
  readonly deadline: Duration
  readonly minGap: Duration
  /** Goes before all that have it not: the meter that guards the grid connection. */
  readonly first?: boolean
  /** Of a unit that missed its last answer: others that want the line at about the same time go before it. */
  readonly yields?: boolean
  /** Dropped when its turn comes later than this. */
  readonly startBy?: Monotonic
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

/** Totals since the start. */
export interface BusCounters {
  requests: number
  timeouts: number
  /** Answers that could not be one to our request, a wrong checksum above all. */
  frameErrors: number
  /** By exception code. */
  exceptions: Record<number, number>
  drains: number
  rebuilds: number
  /** Requests whose turn came too late. */
  dropped: number
}

type Result = ModbusReply | ModbusFailure
interface Job {
  readonly request: BusRequest
  /** Until then it waits for others to go before it. */
  readonly yieldsUntil: Monotonic
  readonly settle: (result: Result) => void
}

const MISSES_UNTIL_REBUILD = 5
const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 30_000
const SHORTEST_DRAIN_MS = 300
const MOST_DRAINS_IN_A_ROW = 10
const LONGEST_PATIENCE_MS = 3000
const FLUSH_MS = 200
/** Bytes of a serial request, and of an answer around its registers. */
const REQUEST_BYTES = 8
const ANSWER_BYTES = 5

/**
 * One physical connection: a queue with one request in flight. Every read settles by its deadline, never rejects, and
 * is not repeated here: the next scan is the retry. Where answers carry no number, the line is silent for a while after
 * each miss and what came late is thrown away.
 */
export class ModbusBus {
  readonly #options: BusOptions
  readonly #queue: Job[] = []
  readonly counters: BusCounters = {
    ...{ requests: 0, timeouts: 0, frameErrors: 0, drains: 0, rebuilds: 0, dropped: 0 },
    exceptions: {},
  }
  readonly stats = new LineStats()
  #active: Job | undefined
  /** Before the request at the head of the queue. */
  #gap: Timer | undefined
  /** While the line is drained. */
  #silence: Timer | undefined
  #forgetting = false
  #connecting = false
  #lastEnd: Monotonic | undefined
  #lastUnit: number | undefined
  #client: ModbusClient | undefined
  #connections = 0
  /** Whether the present connection has ever answered. */
  #proven = false
  #misses = 0
  #failures = 0
  #retryAt: Monotonic | undefined
  /** The unit whose miss the line was drained for, until the next request is through. */
  #drainedFor: number | undefined
  #closed = false

  constructor(options: BusOptions) {
    this.#options = options
  }

  /** Requests waiting for the network now: 0 or 1. A request waiting for the clock is not one. */
  get inFlight(): number {
    return this.#active || this.#forgetting ? 1 : 0
  }

  /** Whether it connects or throws late bytes away now: work of the operating system, not of the line. */
  get isSettingUp(): boolean {
    return this.#forgetting || this.#connecting
  }

  /** Connections made so far: what was learnt over one of them may not hold over the next. */
  get connections(): number {
    return this.#connections
  }

  /** Bytes that came in over the present connection. */
  get heardBytes(): number {
    return this.#client?.heardBytes ?? 0
  }

  read(request: BusRequest): Promise<Result> {
    if (this.#closed) return Promise.resolve(failure('closed', 'the bus is closed'))
    return new Promise((settle) => {
      const now = this.#options.clock.monotonic()
      const yieldsUntil = monotonic(request.yields && !request.first ? now + request.minGap : now)
      const place = this.#placeOf(request, now)
      this.#queue.splice(place, 0, { request, settle, yieldsUntil })
      if (place === 0) this.#gap?.cancel()
      if (place === 0) this.#gap = undefined
      this.#next()
    })
  }

  #placeOf(request: BusRequest, now: Monotonic): number {
    const early = request.first || this.#continues(request)
    const behind = this.#queue.findIndex((job) => (early ? !job.request.first : job.yieldsUntil > now))
    return behind < 0 || (request.yields && !early) ? this.#queue.length : behind
  }

  /** A scan under way is finished before another unit is asked: changing units costs the line a longer rest. */
  #continues({ unit, startBy }: BusRequest): boolean {
    return startBy === undefined && unit === this.#lastUnit
  }

  /** Connects anew with the next request, as when every unit is silent. */
  rebuild(reason: string): void {
    if (this.#client) this.#drop(this.#client, reason)
  }

  /** Settles everything pending as `closed` and lets go of the connection. */
  close(): void {
    this.#closed = true
    this.#gap?.cancel()
    this.#silence?.cancel()
    const pending = this.#active ? [this.#active, ...this.#queue] : [...this.#queue]
    this.#queue.length = 0
    for (const { settle } of pending) settle(failure('closed', 'the bus is closed'))
    this.#client?.destroy('the bus is closed')
  }

  #next(): void {
    const job = this.#queue[0]
    if (!job || this.#active || this.#gap || this.#silence || this.#forgetting || this.#closed) return
    const rest = this.#restBefore(job)
    if (rest > 0) {
      this.#gap = this.#options.clock.timer(milliseconds(rest), () => {
        this.#gap = undefined
        this.#next()
      })
      return
    }
    this.#queue.shift()
    const { startBy } = job.request
    if (startBy !== undefined && this.#options.clock.monotonic() > startBy) {
      this.counters.dropped += 1
      job.settle(failure('busy', 'the line had no room for the request in time'))
      this.#next()
      return
    }
    this.#active = job
    void this.#run(job)
  }

  #restBefore({ request, yieldsUntil }: Job): number {
    const quietAt = this.#lastEnd === undefined ? yieldsUntil : this.#lastEnd + this.#gapBefore(request)
    return Math.max(quietAt, yieldsUntil) - this.#options.clock.monotonic()
  }

  // Some gateways lose a request that follows the answer of another unit too soon.
  #gapBefore({ unit, minGap }: BusRequest): number {
    return unit === this.#lastUnit ? minGap : 2 * minGap
  }

  async #run(job: Job): Promise<void> {
    const { clock, endpoint } = this.#options
    const client = await this.#connected(job.request)
    const began = clock.monotonic() - this.#gapBefore(job.request)
    const result = 'failed' in client ? client : await this.#exchange(client, job.request)
    if (!('failed' in client)) {
      const end = clock.monotonic()
      this.stats.used(monotonic(Math.max(began, this.#lastEnd ?? began)), end)
      this.#lastEnd = end
      this.#lastUnit = job.request.unit
    }
    this.#active = undefined
    const failed = 'failed' in result ? result.failed : undefined
    if (!numbersAnswers(endpoint) && (failed === 'timeout' || failed === 'frame'))
      this.#drain(job.request.unit)
    job.settle(result)
    this.#next()
  }

  async #exchange(client: ModbusClient, request: BusRequest): Promise<Result> {
    const { clock } = this.#options
    this.counters.requests += 1
    const began = clock.monotonic()
    const patience = this.#patience(request)
    const late = failure('timeout', `no answer from unit ${request.unit} within ${Math.round(patience)} ms`)
    const answer = await this.#within(patience, client.read(request), late)
    const stamp = { at: clock.now(), monotonic: clock.monotonic() }
    const drainedFor = this.#drainedFor
    this.#drainedFor = undefined
    if (!('failed' in answer)) {
      this.stats.replied(stamp.monotonic - began)
      this.#answered()
      return { words: answer, ...stamp }
    }
    this.#failed(client, answer)
    return drainedFor === undefined || drainedFor === request.unit
      ? answer
      : { ...answer, spoiltBy: drainedFor }
  }

  /** The request's deadline, longer where the line or its devices have shown to need it. */
  #patience({ deadline, count }: BusRequest): Duration {
    const onWire = timeOnWire(this.#options.endpoint, REQUEST_BYTES + ANSWER_BYTES + 2 * count)
    return milliseconds(Math.max(deadline + onWire, Math.min(2 * this.stats.worst, LONGEST_PATIENCE_MS)))
  }

  #answered(): void {
    this.#proven = true
    this.#misses = 0
    this.#failures = 0
  }

  #failed(client: ModbusClient, { failed, reason }: ModbusFailure): void {
    const { counters } = this
    if (failed.startsWith('exception')) {
      const code = Number(failed.slice('exception-'.length))
      counters.exceptions[code] = (counters.exceptions[code] ?? 0) + 1
      this.#answered()
      return
    }
    if (failed === 'timeout') counters.timeouts += 1
    if (failed === 'frame') counters.frameErrors += 1
    // After a wrong frame over TCP nobody knows where the next one begins; a serial line is drained instead.
    const fatal = failed === 'closed' || (failed === 'frame' && numbersAnswers(this.#options.endpoint))
    this.#misses += 1
    if (fatal) this.#drop(client, reason)
    else if (this.#misses >= MISSES_UNTIL_REBUILD) this.#drop(client, `${this.#misses} misses in a row`)
  }

  /** Lets the line fall silent, then throws away what came: the late answer of one request is not that of the next. */
  #drain(unit: number, round = 1): void {
    const client = this.#client
    if (!client || this.#closed) return
    this.#drainedFor = unit
    if (round === 1) this.counters.drains += 1
    const heard = client.heardBytes
    const silence = milliseconds(Math.max(SHORTEST_DRAIN_MS, this.stats.worst))
    this.#silence = this.#options.clock.timer(silence, () => {
      this.#silence = undefined
      if (client !== this.#client) this.#next()
      else if (client.heardBytes !== heard && round < MOST_DRAINS_IN_A_ROW) this.#drain(unit, round + 1)
      else this.#clear(client, heard)
    })
  }

  #clear(client: ModbusClient, heard: number): void {
    this.#forgetting = true
    void this.#within(milliseconds(FLUSH_MS), client.forget(), false).then((forgot) => {
      this.#forgetting = false
      const end = this.#options.clock.monotonic()
      this.stats.used(this.#lastEnd ?? end, end)
      this.#lastEnd = end
      if ((!forgot || client.heardBytes !== heard) && client === this.#client)
        this.#drop(client, 'late bytes cannot be cleared')
      this.#next()
    })
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
    this.#connecting = true
    const failed = await this.#within(deadline, client.connect(), late)
    this.#connecting = false
    if (failed) this.#drop(client, failed.reason)
    else {
      this.#connections += 1
      log.info({ ...endpoint }, 'modbus connection open')
    }
    return failed ?? client
  }

  #drop(client: ModbusClient, reason: string): void {
    const { clock, endpoint, log, random } = this.#options
    client.destroy(reason)
    this.#client = undefined
    this.#misses = 0
    this.counters.rebuilds += 1
    if (this.#closed) return
    this.#failures = this.#proven ? 0 : this.#failures + 1
    const backoff = this.#proven ? 0 : backoffMs(this.#failures) * (0.5 + random() / 2)
    this.#retryAt = monotonic(clock.monotonic() + backoff)
    log.warn({ line: lineOf(endpoint), reason, retry_ms: Math.round(backoff) }, 'modbus connection dropped')
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
