import type { IdToken, TransactionId } from '@busbar/model/ids.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { ChargingLimit } from './limit.ts'

/** Everything that can be asked of a charging station. EVSE 0 is the whole station. */
export type StationCommand =
  | { readonly kind: 'set-default-limit'; readonly evse: number; readonly limit: ChargingLimit }
  | {
      readonly kind: 'set-transaction-limit'
      readonly evse: number
      readonly transaction: TransactionId
      readonly limit: ChargingLimit
      /** The station drops the limit by itself this long after receiving it. */
      readonly lease: Duration
    }
  | { readonly kind: 'clear-limits'; readonly evse: number; readonly purpose: 'default' | 'transaction' }
  | { readonly kind: 'request-start'; readonly evse: number; readonly idToken: IdToken }
  | { readonly kind: 'request-stop'; readonly transaction: TransactionId }
  | { readonly kind: 'reset'; readonly mode: 'Immediate' | 'OnIdle' }
  /** Inoperative: no transaction starts there; a running one goes on. */
  | { readonly kind: 'set-availability'; readonly evse: number; readonly operative: boolean }
  | {
      readonly kind: 'trigger'
      readonly message: 'BootNotification' | 'StatusNotification' | 'MeterValues' | 'Heartbeat'
      readonly evse: number | null
    }
  /** The limit the station itself works out for the coming minute, in the EVSE's own unit. */
  | { readonly kind: 'get-composite-limit'; readonly evse: number; readonly unit: 'A' | 'W' }
  | { readonly kind: 'get-variables'; readonly names: readonly string[] | 'all' }
  | { readonly kind: 'set-variable'; readonly name: string; readonly value: string }

/** `limit` goes before `operator`, `operator` before `poll`. */
export type CommandPriority = 'limit' | 'operator' | 'poll'

/** One variable of a station. @see OCPP 1.6 GetConfiguration, 2.0.1 GetVariables */
export interface StationVariable {
  readonly name: string
  readonly value: string | null
  readonly readonly: boolean
}

/**
 * What came of a command. `not-sent`: no byte left, so nothing can have changed. `unanswered`: it left and nobody can
 * say whether the station acts on it.
 */
export type StationAnswer =
  | {
      readonly status: 'accepted'
      readonly variables?: readonly StationVariable[]
      readonly unknown?: readonly string[]
      /** What it works out for `get-composite-limit`; absent when its answer does not tell. */
      readonly limit?: ChargingLimit
    }
  | { readonly status: 'rejected'; readonly reason: string }
  | { readonly status: 'not-sent'; readonly reason: 'offline' | 'superseded' | 'expired' | 'queue-full' }
  | {
      readonly status: 'unanswered'
      readonly reason: 'timeout' | 'disconnected' | 'error'
      readonly detail: string
    }
