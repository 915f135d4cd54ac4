import type { IdToken, StationId, TransactionId, VehicleId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { ReportBase, ToldVariable, VariableSource } from './charging/device-model/variable.ts'
import type { StationCommand } from './commands.ts'
import type { AuthorizationStatus } from './facts.ts'
import type { ChargingLimit } from './limit.ts'

/**
 * `access-refused`: a connection without the right proof. `access-guessed`: so often for one station from one address
 * that it is kept out for a while. `access-enumerated`: so often from one address that it is not answered any more.
 * `identity-duplicate`: a second connection with the right proof while the first is alive. `bad-messages`: more
 * unreadable messages than a fault explains. `foreign-transaction`: a station spoke of another's transaction.
 */
export type SecurityNotice =
  | 'access-refused'
  | 'access-guessed'
  | 'access-enumerated'
  | 'identity-duplicate'
  | 'bad-messages'
  | 'foreign-transaction'

/** What stations report beside charging, and what is arranged with them: tokens, lists, reservations, raw requests. */
export interface StationFactTypes {
  /** A step of a firmware update, in the words of OCPP 2.0.1 (FirmwareStatusEnumType) or, flagged, the station's own. */
  FirmwareStatusReported: {
    station: StationId
    status: string
    /** Of the update it belongs to; null when the station does not tell. */
    request: number | null
    flag: string | null
  }
  /** A step of a log's upload, in the words of OCPP 2.0.1 (UploadLogStatusEnumType) or, flagged, the station's own. */
  LogStatusReported: {
    station: StationId
    log: 'DiagnosticsLog' | null
    status: string
    request: number | null
    flag: string | null
  }
  /** What a station reports of its variables, monitors, displays, limits and the like, word for word. */
  StationReported: {
    station: StationId
    /** Name of the message in OCPP. */
    message: string
    request: number | null
    part: number | null
    more: boolean
    /** JSON. */
    content: string
    flag: string | null
  }
  /** The station will report what was asked for, in parts that bear this number. */
  StationReportAnnounced: { station: StationId; request: number; base: ReportBase }
  /** What a station tells of its variables: a piece of a part of a report, or of an answer. Secrets are left out. */
  StationVariablesTold: {
    station: StationId
    source: VariableSource
    /** Null: it was an answer. */
    request: number | null
    part: number | null
    more: boolean
    variables: readonly ToldVariable[]
    /** Some of the part could not be read. */
    flawed: boolean
    /** More pieces of this part follow. */
    rest: boolean
  }
  SecurityEventReported: {
    station: StationId
    /** In the words of the OCPP list of security events, or the station's own. */
    event: string
    info: string | null
    /** When it happened, by the station; the time of receipt where that cannot be. */
    since: Instant
    flag: string | null
  }
  /** What the depot itself notices of an attack, or of a station that is not what it says. */
  SecurityEventNoticed: {
    event: SecurityNotice
    /** The known station that it is about or that is claimed; null when there is none. */
    station: StationId | null
    reason: string
    /** Of whoever did it; null when a connected station did. */
    remote_address: string | null
    /** How often, since it was noticed last. */
    count: number
  }
  /** A station asks for a certificate; its request is kept until somebody signs it. */
  CertificateRequested: {
    station: StationId
    /** PEM, as it came. */
    csr: string
    use: 'ChargingStationCertificate' | 'V2GCertificate'
    answer: 'Accepted' | 'Rejected'
    reason: string | null
  }
  /** It was asked for from afar: by the number of the request, and by the command where that is still known. */
  TransactionRequested: {
    transaction: TransactionId
    station: StationId
    remote_start: number
    command: string | null
  }
  /** Something about a running transaction is odd; a person may have to look at it. */
  TransactionFlagged: { transaction: TransactionId; station: StationId; reason: string }
  /** A person has looked at an orphan or a suspect transaction. Corrected figures are a fact of their own. */
  DoubtSettled: {
    doubt: string
    station: StationId
    transaction: TransactionId | null
    resolution: 'confirmed' | 'dismissed' | 'corrected'
    reason: string
    by: string
  }
  /** A token as somebody entered it here; it counts before what the configuration says of it. */
  IdTokenSet: {
    id_token: IdToken
    status: 'Accepted' | 'Blocked' | 'Invalid'
    group: IdToken | null
    expires_at: Instant | null
    vehicle: VehicleId | null
    /** May start no second transaction while one runs. */
    one_at_a_time: boolean
    by: string
  }
  IdTokenRemoved: { id_token: IdToken; by: string }
  LocalListSent: {
    station: StationId
    version: number
    update: 'Full' | 'Differential'
    /** `status` null takes the token off the list. */
    entries: readonly {
      id_token: IdToken
      status: AuthorizationStatus | null
      group: IdToken | null
      expires_at: Instant | null
    }[]
    by: string
  }
  LocalListAnswered: {
    station: StationId
    version: number
    answer: 'accepted' | 'rejected' | 'unanswered' | 'not-sent'
    reason: string | null
  }
  ReservationMade: {
    reservation: number
    station: StationId
    /** 0: any of the station's. */
    evse: number
    id_token: IdToken
    group: IdToken | null
    expires_at: Instant
    by: string
  }
  ReservationAnswered: {
    reservation: number
    station: StationId
    answer: 'accepted' | 'rejected' | 'unanswered' | 'not-sent'
    reason: string | null
  }
  ReservationEnded: {
    reservation: number
    station: StationId
    cause: 'used' | 'cancelled' | 'expired' | 'removed'
    transaction: TransactionId | null
  }
  /** A request that was sent past the balancer may have raised what this EVSE may draw; it counts until reconciled. */
  LimitDoubted: {
    station: StationId
    evse: number
    /** Null: up to its rating. */
    limit: ChargingLimit | null
    /** The charging profile that was left there; null when it is none of ours to clear. */
    profile: number | null
    /** Only a connection that came after can settle it: the station may restart. */
    reboots: boolean
    action: string
    command: string
  }
  /** What the EVSE may draw is known again: `command` did nothing, or its effect was replaced. */
  LimitReconciled: { station: StationId; evse: number; command: string }
  /** The command may wait for its station until it expires; it is sent again after a lost connection. */
  CommandKept: {
    command: string
    station: StationId
    request: StationCommand
    /** A newer one of the same slot takes its place; null stands beside others. */
    slot: string | null
    expires_at: Instant
    by: string
  }
}
