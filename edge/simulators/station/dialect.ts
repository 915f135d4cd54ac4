import type { Random } from '../random.ts'
import type { Call } from './calls.ts'
import type { ConnectorStatus } from './connector.ts'
import { answerCall, type CallAnswer, type StationParts } from './inbound.ts'
import type { TransactionEvent, TransactionReport } from './transaction-queue.ts'
import { Dialect201 } from './v201/dialect.ts'

export type Version = '1.6' | '2.0.1' | '2.1'

/**
 * How a station says what it has to say. Inside, a virtual station thinks in OCPP 1.6; a later version is a translation
 * at its wire.
 */
export interface Dialect {
  readonly subprotocol: string
  /** Changes of what the vehicle does are told with its transaction. */
  readonly tellsStates: boolean
  /** A connection begins: nothing has been said on it. */
  opened(): void
  /** A call in the words of the version; null when it has nothing to say there. */
  said(call: Call): Call | null
  /** What the numbered events of a transaction say beside, at the time it happens; null where there are none. */
  event(
    report: TransactionReport,
    now: { readonly status: ConnectorStatus; readonly online: boolean },
  ): TransactionEvent | null
  /** A call about a transaction in the words of the version. */
  reported(report: TransactionReport, call: Call): Call
  answerCall(station: StationParts, action: string, payload: unknown): CallAnswer
}

const DIALECT16: Dialect = {
  subprotocol: 'ocpp1.6',
  tellsStates: false,
  opened: () => undefined,
  said: (call) => call,
  event: () => null,
  reported: (_report, call) => call,
  answerCall: (station, action, payload) =>
    station.services.answer(action, payload) ??
    answerCall(station, action === 'ExtendedTriggerMessage' ? 'TriggerMessage' : action, payload),
}

export const dialectOf = (version: Version, self: { identity: string; random: Random }): Dialect =>
  version === '1.6' ? DIALECT16 : new Dialect201(version, self)
