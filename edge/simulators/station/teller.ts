import type { ConnectorStatus } from './connector.ts'
import type { Dialect } from './dialect.ts'
import { type Misbehaviour, stamped } from './misbehaviour.ts'
import type { TransactionQueue, TransactionReport } from './transaction-queue.ts'

export interface TellerDeps {
  readonly dialect: Dialect
  readonly queue: TransactionQueue
  misbehaviour(): Misbehaviour
  now(): { readonly status: ConnectorStatus; readonly online: boolean; readonly bootedAt: number }
}

/** Puts what happens to a transaction into the queue: in order and once, unless the station does that wrong. */
export class Teller {
  readonly #deps: TellerDeps
  /** A start that is told after its stop. */
  #withheld: TransactionReport[] = []

  constructor(deps: TellerDeps) {
    this.#deps = deps
  }

  tell(report: TransactionReport): void {
    const { dialect, queue, misbehaviour, now } = this.#deps
    const { startsTwice, stopsFirst, clock } = misbehaviour()
    const { bootedAt, ...state } = now()
    const event = dialect.event(report, state)
    const payload = stamped(report.payload, clock, bootedAt)
    const told = { ...report, payload, ...(event === null ? {} : { event }) }
    if (stopsFirst && report.kind !== 'stop') {
      this.#withheld.push(told)
      return
    }
    for (const each of [told, ...(report.kind === 'stop' ? this.#withheld.splice(0) : [])]) {
      queue.add(each)
      if (each.kind === 'start' && startsTwice) queue.add({ ...each })
    }
  }
}
