import type {
  CircuitId,
  Epoch,
  EvseKey,
  IdToken,
  MeterId,
  StationId,
  TransactionId,
  VehicleId,
} from '@busbar/model/ids.ts'
import type { Percent, WattHours } from '@busbar/units/electricity.ts'
import type { PerPhase, Phase } from '@busbar/units/per-phase.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { CertificateFacts } from './certificate-facts.ts'
import type { ConformanceFactTypes } from './charging/conformance/conformance-facts.ts'
import type { FileFacts } from './file-facts.ts'
import type { ChargingLimit } from './limit.ts'
import type { RosterFacts } from './roster-facts.ts'
import type { SecretFacts } from './secret-facts.ts'
import type { StationFactTypes } from './station-facts.ts'

/** Whether a time was taken from a trusted clock. @see OCPP-independent rule: order is by sequence, never by time */
export type ClockQuality = 'synced' | 'estimated' | 'unsynced'
/** Status of a connector in the words of OCPP 2.0.1 (ConnectorStatusEnumType). */
export type ConnectorStatus = 'Available' | 'Occupied' | 'Reserved' | 'Unavailable' | 'Faulted'
/** What the vehicle's transaction is doing, in the words of OCPP 2.0.1 (ChargingStateEnumType). */
export type ChargingState = 'Charging' | 'EVConnected' | 'SuspendedEV' | 'SuspendedEVSE' | 'Idle'
/** Result of an authorisation, in the words of OCPP 2.0.1 (AuthorizationStatusEnumType). */
export type AuthorizationStatus = 'Accepted' | 'Blocked' | 'ConcurrentTx' | 'Expired' | 'Invalid' | 'Unknown'
/** P1 act now, P2 soon, P3 this shift, P4 information. */
export type Severity = 1 | 2 | 3 | 4
/** How far a meter's values can be trusted. */
export type MeterQuality = 'live' | 'hold' | 'reserve' | 'static'

/**
 * Everything that can have happened. Facts are stored and uploaded as they stand here, so their names are wire names
 * with units; they are never edited. A change to a shape raises its number in `FACT_VERSIONS`.
 */
export interface FactTypes
  extends StationFactTypes,
    CertificateFacts,
    FileFacts,
    SecretFacts,
    RosterFacts,
    ConformanceFactTypes {
  EpochStarted: {
    epoch: Epoch
    prev_epoch: Epoch | null
    prev_head: number
    cause: 'first-start' | 'restored' | 'rollback'
  }
  ControllerStarted: { boot_no: number; software: string; config_hash: string }
  StationConnected: { station: StationId; connection: number; protocol: string; remote_address: string }
  StationDisconnected: { station: StationId; connection: number; reason: string }
  StationBooted: {
    station: StationId
    vendor: string
    model: string
    serial: string | null
    firmware: string | null
    station_profile: string
  }
  ConnectorStatusReported: {
    station: StationId
    evse: number
    connector: number
    status: ConnectorStatus
    charging_state: ChargingState | null
    error_code: string | null
    vendor_error: string | null
    info: string | null
    since: Instant
  }
  IdTokenAuthorized: {
    station: StationId
    id_token: IdToken
    status: AuthorizationStatus
    vehicle: VehicleId | null
  }
  TransactionStarted: {
    transaction: TransactionId
    station: StationId
    evse: number
    connector: number
    id_token: IdToken
    authorization: AuthorizationStatus
    vehicle: VehicleId | null
    meter_start_wh: WattHours
    started_at: Instant
    /** The business key that makes a repeated start the same transaction. */
    start_key: string
    suspect: string | null
  }
  TransactionEnergyRead: {
    transaction: TransactionId
    register_wh: WattHours
    energy_wh: WattHours
    soc_pct: Percent | null
  }
  TransactionEnded: {
    transaction: TransactionId
    station: StationId
    evse: number
    meter_stop_wh: WattHours
    energy_wh: WattHours
    ended_at: Instant
    reason: string
    incomplete: boolean
    suspect: string | null
  }
  /** The station's own stop came after we had closed the transaction for want of it; these are the true figures. */
  TransactionCorrected: {
    transaction: TransactionId
    station: StationId
    evse: number
    meter_stop_wh: WattHours
    energy_wh: WattHours
    ended_at: Instant
    reason: string
    incomplete: boolean
    suspect: string | null
  }
  /** The station's own name of a transaction, by which its messages and our limits speak of it. @see OCPP 2.0.1 E01 */
  TransactionNamed: { transaction: TransactionId; station: StationId; name: string }
  /** The token came after the start, as when a cable is plugged in first. */
  TransactionAuthorized: {
    transaction: TransactionId
    station: StationId
    id_token: IdToken
    authorization: AuthorizationStatus
    vehicle: VehicleId | null
  }
  /** The station's own start came after we had opened the transaction for want of it; these are the true figures. */
  TransactionStartTold: {
    transaction: TransactionId
    station: StationId
    meter_start_wh: WattHours
    started_at: Instant
  }
  /** An event came before one that it follows. It is kept until that comes, or is given up. @see OCPP 2.0.1 E04 */
  TransactionEventHeld: { station: StationId; name: string; seq_no: number; event: unknown }
  /** The held event has taken its turn. */
  TransactionEventApplied: { station: StationId; name: string; seq_no: number }
  /** A meter's value with its signature, word for word, for whoever bills by it. @see OCPP 2.0.1 SignedMeterValueType */
  SignedMeterValueRead: {
    station: StationId
    evse: number
    transaction: TransactionId | null
    measured_at: Instant
    context: string
    signed: string
  }
  /** A record that names no transaction we can find; kept whole for a person to settle. */
  OrphanReported: { station: StationId; message: string; reason: string; record: string }
  ChargingLimitSent: {
    station: StationId
    evse: number
    request: number
    purpose: 'default' | 'transaction'
    transaction: TransactionId | null
    limit: ChargingLimit
    /** The station drops the limit by itself at this time; null for a default, which has no end. */
    lease_until: Instant | null
  }
  ChargingLimitAnswered: {
    station: StationId
    evse: number
    request: number
    answer: 'accepted' | 'rejected' | 'unanswered' | 'not-sent'
    reason: string | null
  }
  /** Every limit older than `request` can no longer be in force at this EVSE. */
  ChargingLimitReleased: {
    station: StationId
    evse: number
    request: number
    proof: 'measured' | 'idle' | 'settled' | 'lapsed'
  }
  /** A row is measured above its limit although limits were lowered: what is done against it now, and to whom. */
  OverloadEscalated: {
    circuit: CircuitId
    row: string
    step: 'minimum' | 'zero' | 'stop' | 'inoperative' | 'trip'
    measured: number
    limit: number
    unit: 'A' | 'W'
    /** EVSEs that this step goes to, beyond those of the facts before. */
    evses: readonly EvseKey[]
    /** Of the EVSEs on the row, those that draw above their limit. */
    offenders: readonly EvseKey[]
  }
  /** All that was done against the overload is undone. */
  OverloadEnded: { row: string; reason: string; by: string }
  MeterQualityChanged: { meter: MeterId; quality: MeterQuality; reason: string }
  /** A check of what a meter says found something; it stands until `MeterCleared`. */
  MeterSuspected: { meter: MeterId; check: string; reason: string }
  MeterCleared: { meter: MeterId; check: string }
  /** The register fell, or rose faster than can be: what it counts from here on is another segment. */
  MeterCounterRestarted: { meter: MeterId; reason: string }
  /** The self-test's result changed, or somebody asked for it. Only `passed` lets the meter drive limits. */
  MeterSelfTested: {
    meter: MeterId
    result: 'passed' | 'failed' | 'pending'
    mode: 'automatic' | 'required'
    steps: readonly {
      step: string
      result: 'passed' | 'failed' | 'pending' | 'not-checked'
      text: string
    }[]
    serial: string | null
    /** How it is installed, in the words of the configuration. */
    setup: string
    raw: readonly { function_code: number; addr: number; words: readonly number[] }[]
    decoded: readonly {
      name: string
      addr: number
      words: readonly number[]
      value: number | null
      unit: string
    }[]
    by: string
  }
  /** A known load stepped and the meter saw it; what it says of the wiring. */
  MeterStepSeen: {
    meter: MeterId
    setup: string
    serial: string | null
    verdict: 'fits' | 'wrong'
    ratio: number
    map: PerPhase<Phase> | null
    reversed: readonly Phase[]
    expected_w: PerPhase<number>
    measured_w: PerPhase<number>
    text: string
    by: string
  }
  DepartureSet: {
    vehicle: VehicleId
    departure_at: Instant
    energy_needed_wh: WattHours | null
    soc_needed_pct: Percent | null
    by: string
  }
  /** A person decides for one EVSE for a while; it replaces what stood there. */
  OverrideSet: {
    station: StationId
    evse: number
    how: 'charge' | 'pause'
    /** The most it is to get while it charges first; null is all it can take. */
    limit: ChargingLimit | null
    /** The transaction that ran there; a charge that comes first ends with it. */
    transaction: TransactionId | null
    until: Instant
    reason: string
    by: string
  }
  OverrideEnded: {
    station: StationId
    evse: number
    cause: 'cancelled' | 'expired' | 'transaction-ended'
    by: string
  }
  /** 1 comes first, 9 last; of a departure it ends with it. */
  PrioritySet: {
    scope: 'vehicle' | 'group' | 'departure'
    id: string
    priority: number
    until: Instant | null
    reason: string
    by: string
  }
  PriorityEnded: {
    scope: 'vehicle' | 'group' | 'departure'
    id: string
    cause: 'cancelled' | 'expired'
    by: string
  }
  /** A limit on a circuit beside its rating, never above it; null where none is set. */
  OperatingLimitSet: {
    circuit: CircuitId
    limit_a: number | null
    limit_w: number | null
    until: Instant | null
    reason: string
    by: string
  }
  OperatingLimitEnded: { circuit: CircuitId; cause: 'cancelled' | 'expired'; by: string }
  DepartureRemoved: { vehicle: VehicleId; by: string }
  IncidentOpened: {
    incident: string
    code: string
    severity: Severity
    subject: Subject
    text: string
    action: string
  }
  IncidentResolved: { incident: string; code: string; subject: Subject; reason: string }
  /** A person or program that we know asked for more than its role allows. */
  AccessRefused: { by: string; role: string; needed: string; request: string }
  CommandReceived: { command: string; action: string; station: StationId; params: unknown; by: string }
  CommandFinished: { command: string; result: 'accepted' | 'rejected' | 'unanswered'; reason: string | null }
}

/** What a fact or incident is about. */
export interface Subject {
  type:
    | 'site'
    | 'station'
    | 'evse'
    | 'transaction'
    | 'meter'
    | 'vehicle'
    | 'circuit'
    | 'controller'
    | 'cloud'
    | 'command'
    | 'incident'
    | 'id-token'
    | 'reservation'
    | 'firmware-image'
  id: string
}

export type FactType = keyof FactTypes
/** Shape version of each type, raised with every change of its shape. */
export const FACT_VERSION = 1

/** A fact of one type, not yet numbered. */
export interface FactOf<T extends FactType> {
  readonly type: T
  /** When it happened, by the best clock known. */
  readonly occurred_at: Instant
  readonly clock: ClockQuality
  readonly entity: Subject
  readonly data: FactTypes[T]
}
/** Any fact, not yet numbered; switch on `type`. */
export type Fact = { [T in FactType]: FactOf<T> }[FactType]

/** A fact with its place in the log. */
export interface StoredFact {
  readonly seq: number
  readonly recorded_at: Instant
  readonly fact: Fact
}
