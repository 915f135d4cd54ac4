import type { IdToken, TransactionId } from '@busbar/model/ids.ts'
import type { Duration, Instant } from '@busbar/units/time.ts'
import type { CertificateHash, CertificateUse } from './certificates.ts'
import type { ReportBase, ToldVariable } from './charging/device-model/variable.ts'
import type { ChargingProfile, ChargingProfilePurpose, CompositeSchedule } from './charging-profile.ts'
import type { ChargingLimit } from './limit.ts'
import type { LocalListEntry } from './local-list.ts'

/** Where a station is to take a file from or leave one, and how often it tries. */
export interface Transfer {
  readonly location: string
  readonly retries: number | null
  readonly retryIntervalS: number | null
}

/** Messages that a station can be asked to send, in the words of OCPP 2.0.1 (MessageTriggerEnumType). */
export type TriggeredMessage =
  | 'BootNotification'
  | 'StatusNotification'
  | 'MeterValues'
  | 'Heartbeat'
  | 'LogStatusNotification'
  | 'FirmwareStatusNotification'
  | 'SignChargingStationCertificate'
  /** Not in OCPP 1.6. */
  | 'TransactionEvent'

/**
 * Everything that can be asked of a charging station, in the words of OCPP 2.0.1. EVSE 0 is the whole station. What a
 * version has no message for, its adapter answers `rejected` without a byte sent.
 */
export type StationCommand =
  | LimitCommand
  | OperationCommand
  | InventoryCommand
  | LocalAuthorizationCommand
  | SmartChargingCommand
  | MaintenanceCommand
  | CertificateCommand
  | RawCommand

/** Limits that the load balancer alone sets. */
export type LimitCommand =
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

/** @see OCPP 2.0.1 blocks F, G, B (Reset) and P */
export type OperationCommand =
  /** `limit`: what its transaction gets from the start, until it has a limit of its own. */
  | {
      readonly kind: 'request-start'
      readonly evse: number
      readonly idToken: IdToken
      readonly limit?: ChargingLimit
    }
  | { readonly kind: 'request-stop'; readonly transaction: TransactionId }
  /** Without an EVSE the whole station; OCPP 1.6 resets whole stations only. */
  | { readonly kind: 'reset'; readonly mode: 'Immediate' | 'OnIdle'; readonly evse?: number }
  /** Inoperative: no transaction starts there; a running one goes on. */
  | {
      readonly kind: 'set-availability'
      readonly evse: number
      readonly connector?: number
      readonly operative: boolean
    }
  | { readonly kind: 'unlock-connector'; readonly evse: number; readonly connector: number }
  | { readonly kind: 'trigger'; readonly message: TriggeredMessage; readonly evse: number | null }
  | {
      readonly kind: 'data-transfer'
      readonly vendor: string
      readonly message: string | null
      readonly data: string | null
    }

/**
 * @see OCPP 2.0.1 block B. A name is a key of OCPP 1.6, or `Component.Variable` of 2.0.1; the adapter of 2.0.1 also
 * takes the keys of 1.6 that it has a variable for.
 */
export type InventoryCommand =
  | { readonly kind: 'get-variables'; readonly names: readonly string[] | 'all' }
  | { readonly kind: 'set-variable'; readonly name: string; readonly value: string }
  /** What the station proves itself with from its next connection on; printable, 16 to 20 characters. @see 2.0.1 A01 */
  | { readonly kind: 'change-password'; readonly password: string }

/** @see OCPP 2.0.1 blocks C, D and H */
export type LocalAuthorizationCommand =
  | { readonly kind: 'clear-cache' }
  | { readonly kind: 'get-local-list-version' }
  | {
      readonly kind: 'send-local-list'
      readonly update: 'Full' | 'Differential'
      /** Above 0, and above every version before. */
      readonly version: number
      readonly entries: readonly LocalListEntry[]
    }
  | {
      readonly kind: 'reserve-now'
      /** Above 0. */
      readonly reservation: number
      /** 0: any EVSE of the station. */
      readonly evse: number
      readonly idToken: IdToken
      readonly group: IdToken | null
      readonly expiresAt: Instant
    }
  | { readonly kind: 'cancel-reservation'; readonly reservation: number }

/** What an engineer asks beside the balancer's own limits. @see OCPP 2.0.1 block K */
export type SmartChargingCommand =
  /** The limit the station itself works out for the coming minute, in the EVSE's own unit. */
  | { readonly kind: 'get-composite-limit'; readonly evse: number; readonly unit: 'A' | 'W' }
  | {
      readonly kind: 'get-composite-schedule'
      readonly evse: number
      readonly durationS: number
      readonly unit: 'A' | 'W' | null
    }
  | { readonly kind: 'set-charging-profile'; readonly evse: number; readonly profile: ChargingProfile }
  | { readonly kind: 'clear-charging-profile'; readonly matching: ProfileMatch }
  /** The station reports them afterwards. Not in OCPP 1.6. */
  | { readonly kind: 'get-charging-profiles'; readonly request: number; readonly matching: ProfileMatch }

/** Which profiles are meant; null members match any, and all null means every one. */
export interface ProfileMatch {
  readonly id: number | null
  readonly evse: number | null
  readonly purpose: ChargingProfilePurpose | null
  readonly stackLevel: number | null
}

/** @see OCPP 2.0.1 blocks L and N. `request` numbers what the station then reports of its progress. */
export type MaintenanceCommand =
  | {
      readonly kind: 'get-log'
      readonly log: 'DiagnosticsLog' | 'SecurityLog'
      readonly request: number
      readonly to: Transfer
      readonly oldest: Instant | null
      readonly latest: Instant | null
    }
  | {
      readonly kind: 'update-firmware'
      readonly request: number
      readonly from: Transfer
      readonly retrieveAt: Instant
      readonly installAt: Instant | null
      /** Null: an image that nobody signed, which only OCPP 1.6 without its security extension takes. */
      readonly signed: { readonly certificate: string; readonly signature: string } | null
    }

/** @see OCPP 2.0.1 blocks A and M. Certificates are PEM. */
export type CertificateCommand =
  | { readonly kind: 'install-certificate'; readonly use: CertificateUse; readonly certificate: string }
  | { readonly kind: 'delete-certificate'; readonly certificate: CertificateHash }
  /** None named: every use. OCPP 1.6 takes exactly one. */
  | { readonly kind: 'get-certificates'; readonly uses: readonly CertificateUse[] }
  /** The chain for a request of the station, its own certificate first. */
  | { readonly kind: 'certificate-signed'; readonly chain: string }

/** A message in the station's own version, checked against its schema and no further. */
export interface RawCommand {
  readonly kind: 'raw'
  readonly action: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** `limit` goes before `operator`, `operator` before `poll`. */
export type CommandPriority = 'limit' | 'operator' | 'poll'

/** One variable of a station. @see OCPP 1.6 GetConfiguration, 2.0.1 GetVariables */
export interface StationVariable {
  readonly name: string
  readonly value: string | null
  readonly readonly: boolean
}

/** What a station's answer says beside yes or no, by what was asked. */
export interface AnswerDetails {
  readonly variables?: readonly StationVariable[]
  readonly unknown?: readonly string[]
  /** What it works out for `get-composite-limit`; absent when its answer does not tell. */
  readonly limit?: ChargingLimit
  readonly schedule?: CompositeSchedule
  /** `Scheduled`: when the running transaction is over. `RebootRequired`: from the next boot. */
  readonly when?: 'Scheduled' | 'RebootRequired'
  /** What it tells of variables, for the device model. */
  readonly told?: { readonly source: 'read' | 'set'; readonly variables: readonly ToldVariable[] }
  /** The number that the station is to tell with the transaction that it starts. */
  readonly remoteStart?: number
  /** The report that will come. */
  readonly report?: { readonly request: number; readonly base: ReportBase }
  /** Of the local list: 0 is none. */
  readonly listVersion?: number
  readonly certificates?: readonly CertificateHash[]
  /** Of a data transfer. */
  readonly data?: string
  /** The log it is going to upload. */
  readonly file?: string
  /** The answer to a raw request as it came. */
  readonly response?: Readonly<Record<string, unknown>>
}

/**
 * What came of a command. `not-sent`: no byte left, so nothing can have changed. `unanswered`: it left and nobody can
 * say whether the station acts on it. `error`: the station's own OCPP error.
 */
export type StationAnswer =
  | ({ readonly status: 'accepted' } & AnswerDetails)
  | {
      readonly status: 'rejected'
      readonly reason: string
      readonly error?: OcppError
      readonly response?: AnswerDetails['response']
    }
  | { readonly status: 'not-sent'; readonly reason: 'offline' | 'superseded' | 'expired' | 'queue-full' }
  | {
      readonly status: 'unanswered'
      readonly reason: 'timeout' | 'disconnected' | 'error'
      readonly detail: string
      readonly error?: OcppError
      readonly response?: AnswerDetails['response']
    }

/** A CALLERROR. */
export interface OcppError {
  readonly code: string
  readonly description: string
}
