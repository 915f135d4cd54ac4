import type { Clock, Timer } from '@busbar/model/clock.ts'
import { type Instant, milliseconds, seconds, toIso } from '@busbar/units/time.ts'
import { z } from 'zod'
import type { Call, CallOutcome } from './calls.ts'

/** A transaction as the station knows it. `id` is null until the CSMS has given one. */
export interface Transaction {
  readonly localId: number
  readonly idToken: string
  readonly startedAt: Instant
  readonly meterStartWh: number
  /** Of OCPP 2.0.1 a name that the station gives it. */
  id: number | string | null
}

/** What a station has to tell about a transaction, in the order it happened. */
export interface TransactionReport {
  readonly kind: 'start' | 'values' | 'stop'
  readonly transaction: Transaction
  readonly at: Instant
  readonly meterWh: number
  readonly payload: Readonly<Record<string, unknown>>
  /** What the numbered events of OCPP 2.0.1 say beside. */
  readonly event?: TransactionEvent
}

export interface TransactionEvent {
  readonly seqNo: number
  readonly offline: boolean
  readonly chargingState: string
}

/** A transaction message that the CSMS has acknowledged, which is its word that it will keep it. */
export interface Receipt {
  readonly station: string
  readonly kind: 'start' | 'values' | 'stop'
  readonly transactionId: number | string
  readonly timestamp: string
  readonly meterWh: number
}

export interface TransactionQueueOptions {
  readonly clock: Clock
  /** TransactionMessageAttempts and TransactionMessageRetryInterval as configured now. */
  readonly retry: () => { readonly attempts: number; readonly intervalS: number }
  acknowledged(report: TransactionReport, answer: unknown): void
  givenUp(report: TransactionReport): void
  /** A report may leave now. */
  ready(): void
  /** The call in the words of the station's version. */
  said(report: TransactionReport, call: Call): Call
}

const ACTIONS = { start: 'StartTransaction', values: 'MeterValues', stop: 'StopTransaction' } as const
/** Sent for a transaction whose start the CSMS never took. */
const NO_TRANSACTION = -1
const LONGEST = 5000
const StartAnswer = z.object({ transactionId: z.union([z.int(), z.string()]) })

/**
 * Transaction messages in the order in which things happened. It outlives the connection and a reboot; only an answer,
 * or as many failures as configured, takes a message out. @see OCPP 1.6 sections 3.7, 4.8 and 9.1.27
 */
export class TransactionQueue {
  readonly #options: TransactionQueueOptions
  #reports: TransactionReport[] = []
  #attempts = 0
  #offered: { readonly report: TransactionReport; readonly call: Call } | null = null
  #hold: Timer | null = null

  constructor(options: TransactionQueueOptions) {
    this.#options = options
  }

  get length(): number {
    return this.#reports.length
  }

  add(report: TransactionReport): void {
    this.#reports.push(report)
    if (this.#reports.length > LONGEST) this.#thin()
    this.#options.ready()
  }

  next(): Call | undefined {
    const report = this.#reports[0]
    if (!report || this.#hold) return undefined
    if (this.#offered?.report !== report) this.#offered = { report, call: this.#callFor(report) }
    return this.#offered.call
  }

  /** Ends the wait for the next attempt. */
  resume(): void {
    this.#hold?.cancel()
    this.#hold = null
  }

  #callFor(report: TransactionReport): Call {
    const id = report.transaction.id ?? NO_TRANSACTION
    return this.#options.said(report, {
      action: ACTIONS[report.kind],
      payload: report.kind === 'start' ? report.payload : { ...report.payload, transactionId: id },
      repeats: true,
      done: (outcome) => this.#done(report, outcome),
    })
  }

  #done(report: TransactionReport, outcome: CallOutcome): void {
    if (this.#reports[0] !== report || outcome.status === 'disconnected') return
    if (outcome.status === 'answered' && this.#takes(report, outcome.payload)) {
      this.#remove()
      this.#options.acknowledged(report, outcome.payload)
    } else this.#failed(report)
  }

  /** False when a start was answered without a transaction id. */
  #takes(report: TransactionReport, payload: unknown): boolean {
    if (report.kind !== 'start') return true
    const answer = StartAnswer.safeParse(payload)
    if (answer.success) report.transaction.id = answer.data.transactionId
    return answer.success
  }

  #failed(report: TransactionReport): void {
    const { attempts, intervalS } = this.#options.retry()
    this.#attempts++
    if (this.#attempts >= attempts) {
      this.#remove()
      this.#options.givenUp(report)
      return
    }
    this.#hold?.cancel()
    this.#hold = this.#options.clock.timer(milliseconds(seconds(intervalS) * this.#attempts), () => {
      this.#hold = null
      this.#options.ready()
    })
  }

  #remove(): void {
    this.resume()
    this.#attempts = 0
    this.#reports.shift()
    this.#offered = null
  }

  /** Drops every other meter value, never a start or a stop. @see OCPP 1.6 section 4.7 */
  #thin(): void {
    let values = 0
    this.#reports = this.#reports.filter(
      (report, i) => i === 0 || report.kind !== 'values' || ++values % 2 === 0,
    )
  }
}

/** The receipt for an acknowledged report. */
export const receiptFor = (station: string, report: TransactionReport): Receipt => ({
  station,
  kind: report.kind,
  transactionId: report.transaction.id ?? NO_TRANSACTION,
  timestamp: toIso(report.at),
  meterWh: report.meterWh,
})
