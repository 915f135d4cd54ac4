import type { Clock } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { Epoch } from '@busbar/model/ids.ts'
import { between, type Duration, type Instant } from '@busbar/units/time.ts'
import type { DecisionEntry, DecisionLog } from '../../domain/ports/decision-log.ts'
import { factText } from '../../domain/ports/fact-line.ts'
import type { Batch, FactLog, RawSample } from '../../domain/ports/fact-log.ts'
import type { LoggedMessage, MessageLog } from '../../domain/ports/message-log.ts'
import type { Projections } from '../../domain/ports/projections.ts'
import type { Series } from '../../domain/ports/series.ts'
import { AppendQueue } from './append-queue.ts'
import { MessageQueue } from './message-queue.ts'
import type { RequestName, Requests, SampleSource, SeriesOptions, StoreOpened } from './messages.ts'
import { inPieces } from './series-pieces.ts'
import { type Settled, WorkerClient } from './worker-client.ts'

export type { SampleSource, StoreOpened } from './messages.ts'

export interface StoreOptions {
  /** Data folder, made when it is missing; one process may use it at a time. */
  readonly folder: string
  readonly clock: Clock
  /** Names the log when the folder holds none yet. */
  readonly newEpoch: () => Epoch
  /** URL of a module that exports `PROJECTIONS`, in place of the depot's own. */
  readonly projectionsModule?: string
  /** Raw samples that may wait for the disk; above it the oldest are let go. */
  readonly maxWaitingSamples?: number
  /** Cap in bytes of the file of samples and series, 8 GB when not given; the oldest samples go first. */
  readonly seriesCapBytes?: number
  /** Cap in bytes of the file of decisions, 1 GB when not given; the oldest go first. */
  readonly decisionCapBytes?: number
  /** Cap in bytes of the file of OCPP messages, 1 GB when not given; the oldest go first. */
  readonly messageCapBytes?: number
  /** What is known of each source of samples: `meter:ID` or `evse:STATION/EVSE`. */
  readonly seriesLimits?: SeriesOptions['limits']
  /** Told what went wrong without failing a call: a read model that threw, samples that were lost. */
  readonly onProblem?: (message: string) => void
  /** Told once when the worker of a started store has died: from then on every call fails with `store.failed`. */
  readonly onLost?: (reason: string) => void
}

export interface SqliteStore {
  readonly factLog: FactLog
  readonly projections: Projections
  readonly series: Series
  readonly messages: MessageLog
  readonly decisions: DecisionLog
  /** @throws DepotError `store.locked`, `store.corrupt`, `store.failed` */
  start(): Promise<StoreOpened>
  /** Commits what is on its way, then closes the files. A disk that hangs holds it up. */
  stop(): Promise<void>
  /** Facts not yet on disk, and how long the oldest append has waited; null when none does. */
  backlog(): { readonly facts: number; readonly oldestMs: Duration | null }
  /** Raw samples let go since the start. */
  dropped(): number
  /** Raw samples of one source, oldest first, times inclusive. */
  readSamples(
    source: SampleSource,
    window: { from: Instant; to: Instant; limit: number },
  ): Promise<readonly RawSample[]>
  /**
   * Prunes facts recorded before `before`, from the oldest on and only as far as the cloud has acknowledged; with
   * `standAlone`, which is for a depot without a cloud, by age alone. Answers the lowest number still held.
   */
  trim(before: Instant, options?: { standAlone: boolean }): Promise<number>
}

/** The store of a depot: facts and read models in SQLite, behind a worker thread. */
export function createSqliteStore(options: StoreOptions): SqliteStore {
  return new Store(options)
}

const SERIES_CAP = 8e9
const MESSAGE_CAP = 1e9
const DECISION_CAP = 1e9
/** Frames that may wait for the disk. */
const WAITING_MESSAGES = 20_000
/** Decisions that may wait for the disk, and that are packed in one go. */
const WAITING_DECISIONS = 500
const DECISIONS_AT_ONCE = 50

interface Running {
  readonly client: WorkerClient
  readonly queue: AppendQueue
}

class Store implements SqliteStore {
  readonly factLog: FactLog
  readonly projections: Projections
  readonly series: Series
  readonly messages: MessageLog
  readonly decisions: DecisionLog
  readonly #options: StoreOptions
  readonly #listeners = new Set<(seq: number) => void>()
  readonly #frames: MessageQueue<LoggedMessage>
  readonly #decided: MessageQueue<DecisionEntry>
  #running: Running | null = null
  #stopping = false

  constructor(options: StoreOptions) {
    this.#options = options
    this.factLog = {
      append: (batch) => this.#append(batch),
      read: (after, limit) => this.#ask('read', { after, limit }),
      head: () => this.#ask('head', null),
      hashAt: (seq) => this.#ask('hashAt', { seq }),
      acknowledge: async (seq) => void (await this.#ask('acknowledge', { seq })),
      onCommit: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
    }
    this.projections = {
      load: (name) => this.#ask('load', { name }),
      rebuild: async () => void (await this.#ask('rebuild', null)),
      transactions: (window) => this.#ask('transactions', window),
    }
    this.series = {
      sources: () => this.#ask('seriesSources', null),
      ...inPieces({
        buckets: (query) => this.#ask('seriesBuckets', query),
        samples: (query) => this.#ask('seriesSamples', query),
      }),
      use: () => this.#ask('seriesUse', null),
    }
    this.#frames = new MessageQueue({
      clock: options.clock,
      capacity: WAITING_MESSAGES,
      write: async (messages) => void (await this.#ask('addMessages', { messages })),
    })
    this.#decided = new MessageQueue({
      clock: options.clock,
      capacity: WAITING_DECISIONS,
      group: DECISIONS_AT_ONCE,
      write: async (entries) => void (await this.#ask('addDecisions', { entries })),
    })
    this.decisions = this.#decisionLog()
    this.messages = {
      add: (message) => this.#frames.add(message),
      find: (query) => this.#ask('findMessages', query),
      use: async () => ({ ...(await this.#ask('messageUse', null)), dropped: this.#frames.dropped }),
    }
  }

  /** Decisions wait like frames, in smaller groups: each is a whole site. */
  #decisionLog(): DecisionLog {
    return {
      add: (entry) => this.#decided.add(entry),
      decisions: (window) => this.#ask('findDecisions', window),
      record: (id) => this.#ask('decisionRecord', { id }),
      reasons: (query) => this.#ask('findReasons', query),
      use: async () => ({ ...(await this.#ask('decisionUse', null)), dropped: this.#decided.dropped }),
    }
  }

  async start(): Promise<StoreOpened> {
    const { folder, clock, newEpoch, projectionsModule = null, maxWaitingSamples = 20_000 } = this.#options
    const { seriesCapBytes: capBytes = SERIES_CAP, seriesLimits: limits = {} } = this.#options
    const { messageCapBytes = MESSAGE_CAP, decisionCapBytes = DECISION_CAP } = this.#options
    const client = new WorkerClient(
      {
        folder,
        newEpoch: newEpoch(),
        projectionsModule,
        series: { capBytes, limits },
        messageCapBytes,
        decisionCapBytes,
      },
      {
        settled: (result) => this.#settled(result),
        problem: (message) => this.#options.onProblem?.(message),
        lost: (reason) => this.#lost(reason),
      },
    )
    const opened = await client.opened()
    const post: WorkerClient['post'] = (append) => client.post(append)
    const queue = new AppendQueue(opened.head.seq, { clock, maxSamples: maxWaitingSamples, post })
    this.#running = { client, queue }
    this.#stopping = false
    return opened
  }

  #lost(reason: string): void {
    if (this.#running === null) return
    this.#running.queue.fail(reason)
    this.#options.onLost?.(reason)
  }

  async stop(): Promise<void> {
    const running = this.#running
    if (running === null || this.#stopping) return
    this.#stopping = true
    await running.queue.idle()
    await this.#frames.flush()
    await this.#decided.flush()
    await running.client.close()
    this.#running = null
  }

  backlog(): { facts: number; oldestMs: Duration | null } {
    const queue = this.#running?.queue
    const since = queue?.oldestSince ?? null
    return {
      facts: queue?.facts ?? 0,
      oldestMs: since === null ? null : between(since, this.#options.clock.monotonic()),
    }
  }

  dropped(): number {
    return this.#running?.queue.dropped ?? 0
  }

  readSamples(source: SampleSource, window: { from: Instant; to: Instant; limit: number }) {
    return this.#ask('samples', { source, ...window })
  }

  async trim(before: Instant, { standAlone } = { standAlone: false }): Promise<number> {
    for (;;) {
      const { floor, done } = await this.#ask('trim', { before, standAlone })
      if (done) return floor
    }
  }

  #ask<N extends RequestName>(name: N, params: Requests[N]['params']): Promise<Requests[N]['answer']> {
    const running = this.#running
    return running === null ? Promise.reject(notRunning()) : running.client.request(name, params)
  }

  async #append({ facts, samples, recordedAt }: Batch): Promise<number> {
    const running = this.#running
    if (running === null || this.#stopping) throw notRunning()
    const texts = facts.map((fact) => factText(fact, recordedAt))
    return running.queue.add({ facts: texts, samples, recordedAt })
  }

  #settled(result: Settled): void {
    const queue = this.#running?.queue
    if (queue === undefined) return
    if (result.kind === 'failed') {
      queue.failed(result.through, result.message)
      return
    }
    const { through, head, samplesLost } = result
    const moved = head !== queue.head
    if (samplesLost !== null) this.#options.onProblem?.(`raw samples were lost: ${samplesLost}`)
    queue.committed(through, head, samplesLost)
    if (moved) for (const listener of this.#listeners) listener(head)
  }
}

const notRunning = () => new DepotError('store.failed', 'the store is not running')
