import type { Epoch, MeterId, StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { DecisionEntry, DecisionLog, DecisionLogUse } from '../../domain/ports/decision-log.ts'
import type { LogHead, LogRecord, RawSample } from '../../domain/ports/fact-log.ts'
import type {
  LoggedMessage,
  MessageLogUse,
  MessagePage,
  MessageQuery,
} from '../../domain/ports/message-log.ts'
import type { ProjectionRow, TransactionRecord } from '../../domain/ports/projections.ts'
import type {
  Series,
  SeriesBucket,
  SeriesSample,
  SeriesSource,
  SeriesUse,
} from '../../domain/ports/series.ts'

/** What the worker is started with. */
export interface WorkerOptions {
  readonly folder: string
  /** Used when the folder holds no log yet. */
  readonly newEpoch: Epoch
  /** URL of a module that exports `PROJECTIONS`; null for the depot's own. */
  readonly projectionsModule: string | null
  readonly series: SeriesOptions
  /** The file of the message log is kept below this. */
  readonly messageCapBytes: number
  /** The file of decisions is kept below this. */
  readonly decisionCapBytes: number
}

/** What may be believed of one source of samples. */
export interface SourceLimits {
  /** A value stands so long when no other follows, ms. */
  readonly standsMs: number
  /** More than this cannot flow, W: a register that rises faster has jumped. Null when not known. */
  readonly maxW: number | null
}

export interface SeriesOptions {
  /** The file of samples and series is kept below this. */
  readonly capBytes: number
  /** By source, `meter:ID` or `evse:STATION/EVSE`. */
  readonly limits: Readonly<Record<string, Partial<SourceLimits>>>
}

export interface StoreOpened {
  readonly head: LogHead
  /** Starts of this data folder so far, this one included. */
  readonly bootNo: number
  /** True while the log is empty: EpochStarted has still to be appended. */
  readonly firstStart: boolean
}

/** One source of raw samples. */
export type SampleSource =
  | { readonly meter: MeterId }
  | { readonly station: StationId; readonly evse: number }

/** One batch on its way: facts as text without their number. */
export interface AppendItem {
  readonly facts: readonly string[]
  readonly samples: readonly RawSample[]
  readonly recordedAt: Instant
}

export interface Append {
  readonly kind: 'append'
  readonly post: number
  readonly items: readonly AppendItem[]
}

/** Everything the worker is asked beside appends. */
export interface Requests {
  read: { params: { after: number; limit: number }; answer: readonly LogRecord[] }
  head: { params: null; answer: LogHead }
  hashAt: { params: { seq: number }; answer: string | null }
  acknowledge: { params: { seq: number }; answer: null }
  load: { params: { name: string }; answer: readonly ProjectionRow[] }
  rebuild: { params: null; answer: null }
  transactions: {
    params: { from: Instant; to: Instant; limit: number }
    answer: readonly TransactionRecord[]
  }
  samples: {
    params: { source: SampleSource; from: Instant; to: Instant; limit: number }
    answer: readonly RawSample[]
  }
  seriesSources: { params: null; answer: readonly SeriesSource[] }
  seriesBuckets: { params: Parameters<Series['buckets']>[0]; answer: readonly SeriesBucket[] }
  seriesSamples: { params: Parameters<Series['samples']>[0]; answer: readonly SeriesSample[] }
  seriesUse: { params: null; answer: SeriesUse }
  addMessages: { params: { messages: readonly LoggedMessage[] }; answer: null }
  findMessages: { params: MessageQuery; answer: MessagePage }
  addDecisions: { params: { entries: readonly DecisionEntry[] }; answer: null }
  findDecisions: {
    params: Parameters<DecisionLog['decisions']>[0]
    answer: Awaited<ReturnType<DecisionLog['decisions']>>
  }
  decisionRecord: { params: { id: number }; answer: string | null }
  findReasons: {
    params: Parameters<DecisionLog['reasons']>[0]
    answer: Awaited<ReturnType<DecisionLog['reasons']>>
  }
  decisionUse: { params: null; answer: Omit<DecisionLogUse, 'dropped'> }
  messageUse: { params: null; answer: Omit<MessageLogUse, 'dropped'> }
  /** Prunes one bounded piece; `done` when nothing more may go. */
  trim: { params: { before: Instant; standAlone: boolean }; answer: { floor: number; done: boolean } }
  close: { params: null; answer: null }
}

export type RequestName = keyof Requests
export type Request = { [N in RequestName]: RequestOf<N> }[RequestName]
export interface RequestOf<N extends RequestName> {
  readonly kind: 'request'
  readonly id: number
  readonly name: N
  readonly params: Requests[N]['params']
}

export type ToWorker = Append | Request

export type FromWorker =
  | { readonly kind: 'opened'; readonly opened: StoreOpened }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** All posts up to `through` are on disk; `samplesLost` says why their samples are not. */
  | {
      readonly kind: 'committed'
      readonly through: number
      readonly head: number
      readonly samplesLost: string | null
    }
  | { readonly kind: 'failed'; readonly through: number; readonly message: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'problem'; readonly message: string }
