import type { IdToken, MeterId, StationId, TransactionId, VehicleId } from '@busbar/model/ids.ts'
import type { Amps, Percent, Volts, WattHours, Watts } from '@busbar/units/electricity.ts'
import type { PerPhase } from '@busbar/units/per-phase.ts'
import type { Instant, Monotonic } from '@busbar/units/time.ts'
import type { IdTokenEntry } from './authorization/id-token.ts'
import type { ConformanceStep } from './charging/conformance/conformance-facts.ts'
import type { ManualAct } from './charging/manual/manual-act.ts'
import type { MatchedProfile } from './charging/matched-profile.ts'
import type { OcppError, StationAnswer, StationCommand, StationVariable } from './commands.ts'
import type { AuthorizationStatus, ChargingState, ClockQuality, ConnectorStatus } from './facts.ts'
import type { FileEvent } from './file-facts.ts'
import type { RosterInputs, RosterOutcomes } from './roster-inputs.ts'
import type { MeterInspection } from './site/trust/inspection.ts'
import type { StationInputs, StationOutcomes } from './station-inputs.ts'

/** A time told by a station: `at` is what we go by, `stated` what it said. @see ocpp.md 3.5 rule in `station-time.ts` */
export interface StationTime {
  readonly at: Instant
  readonly stated: string | null
  readonly clock: ClockQuality
}

/** One EVSE's values at one moment, phases as the station names them. Absent is unknown, never 0. */
export interface EvseSample {
  readonly time: StationTime
  readonly registerWh?: WattHours
  readonly powerW?: Watts
  /** Current the station offers the vehicle. */
  readonly offeredA?: Amps
  readonly currentA?: Partial<PerPhase<Amps>>
  readonly voltageV?: Partial<PerPhase<Volts>>
  readonly socPct?: Percent
  /** Values with their signature, each as the JSON text that the station sent. */
  readonly signed?: readonly SignedValue[]
}

/** @see OCPP 2.0.1 SignedMeterValueType; `text` is its JSON, word for word */
export interface SignedValue {
  readonly context: string
  readonly text: string
}

/** What a station tells of one transaction, in the order of `seqNo`. @see OCPP 2.0.1 TransactionEventRequest */
export interface TransactionEvent {
  readonly station: StationId
  /** The station's own name of the transaction; it may be used again after a boot. */
  readonly name: string
  readonly seqNo: number
  readonly kind: 'Started' | 'Updated' | 'Ended'
  /** It happened while the station did not reach us: history that says nothing of the present. */
  readonly offline: boolean
  /** Null where the event does not repeat them. */
  readonly evse: number | null
  readonly connector: number | null
  readonly idToken: IdToken | null
  /** The reservation that it uses up, and the request from afar that it follows; null or absent: none is told. */
  readonly reservation?: number | null
  readonly remoteStart?: number | null
  readonly chargingState: ChargingState | null
  /** Of an end, in the words of OCPP 2.0.1 (ReasonEnumType). */
  readonly reason: string
  readonly samples: readonly EvseSample[]
  readonly time: StationTime
  /** The message as it came. */
  readonly record: string
}

/** A meter's values at the moment its reply was complete. Absent is unknown, never 0. */
export interface MeterReading {
  readonly meter: MeterId
  readonly measuredAt: Instant
  readonly measuredAtMonotonic: Monotonic
  readonly powerW?: Watts
  readonly phasePowerW?: Partial<PerPhase<Watts>>
  /** Magnitude per phase as most meters give it. */
  readonly currentA?: Partial<PerPhase<Amps>>
  readonly voltageV?: Partial<PerPhase<Volts>>
  /** Magnitude, 0 to 1. Never an input to control. */
  readonly powerFactor?: Partial<PerPhase<number>>
  readonly frequencyHz?: number
  readonly importWh?: WattHours
  readonly exportWh?: WattHours
  /** Charge of the battery that the meter stands at. */
  readonly socPct?: Percent
}

/** A read that gave no values. */
export interface MeterFailure {
  readonly meter: MeterId
  readonly at: Monotonic
  /** `timeout`, `exception-2`, `closed`, `implausible` … */
  readonly code: string
  readonly reason: string
}

/** Who is asking: a person or a program, as the LAN API knows them. */
export type Actor = string

/** Everything that reaches the depot from outside. Adapters build it; nothing else does. */
export interface InputTypes extends StationInputs, RosterInputs {
  'station-connected': {
    station: StationId
    connection: number
    protocol: string
    remoteAddress: string
    /** SHA-256 (hex) of the secret that it came with; absent where it came with none. */
    secret?: string | null
  }
  'station-disconnected': { station: StationId; connection: number; reason: string }
  /** What a station is taken for: on connecting by its name and what is known of it, and whenever that changes. */
  'station-profiled': { station: StationId; profile: MatchedProfile; capabilities: StationCapabilities }
  'station-booted': {
    station: StationId
    vendor: string
    model: string
    serial: string | null
    firmware: string | null
    stationProfile: string
    capabilities: StationCapabilities
  }
  'connector-status': {
    station: StationId
    /** 0 is the station as a whole. */
    evse: number
    connector: number
    status: ConnectorStatus
    chargingState: ChargingState | null
    errorCode: string | null
    vendorError: string | null
    info: string | null
    time: StationTime
  }
  authorize: { station: StationId; idToken: IdToken }
  'transaction-started': {
    station: StationId
    evse: number
    connector: number
    idToken: IdToken
    meterStartWh: WattHours
    time: StationTime
    /** The reservation that it uses up, when the station names one. */
    reservation?: number
  }
  'meter-values': {
    station: StationId
    evse: number
    transaction: TransactionId | null
    samples: readonly EvseSample[]
  }
  'transaction-ended': {
    station: StationId
    /** Null when the station names none we could have given (0, -1, absent). */
    transaction: TransactionId | null
    /** Null when the station gives no usable register. */
    meterStopWh: WattHours | null
    idToken: IdToken | null
    reason: string
    samples: readonly EvseSample[]
    time: StationTime
    /** The message as it came, kept if it turns out to be an orphan. */
    record: string
  }
  /** `flag` says what is odd about a report that was understood all the same; null when nothing is. */
  'firmware-status': { station: StationId; status: string; request: number | null; flag: string | null }
  'log-status': {
    station: StationId
    log: 'DiagnosticsLog' | null
    status: string
    request: number | null
    flag: string | null
  }
  'security-event': {
    station: StationId
    event: string
    info: string | null
    time: StationTime
    flag: string | null
  }
  'certificate-requested': {
    station: StationId
    csr: string
    use: 'ChargingStationCertificate' | 'V2GCertificate'
  }
  'transaction-event': TransactionEvent
  /** A report that is kept as it is: part `part` of the answer to `request`, with more to come or not. */
  'station-report': {
    station: StationId
    message: string
    request: number | null
    part: number | null
    more: boolean
    /** JSON. */
    content: string
    flag: string | null
  }
  'meter-reading': MeterReading
  'meter-failure': MeterFailure
  'meter-inspected': MeterInspection
  /** Tests the meter anew; a station with it shows it a step: it goes down to its fallback for a moment. */
  'meter-test': { meter: MeterId; station: StationId | null; evse: number | null; by: Actor }
  /** A technician's test of an EVSE at which a vehicle charges, which a person says it does. */
  'conformance-start': {
    station: StationId
    evse: number
    vehicleCharges: boolean
    skip: readonly ConformanceStep[]
    by: Actor
  }
  'conformance-cancel': { station: StationId; by: Actor }
  'departures-set': { departures: readonly Departure[]; by: Actor }
  /** A person has seen to an overload: what was done against it is undone. */
  'overload-ended': { row: string; by: Actor }
  /** With `expiresAt`, a command that finds no station, or gets no answer, waits and is sent again until then. */
  'station-command': { station: StationId; command: StationCommand; by: Actor; expiresAt?: Instant }
  'command-withdrawn': { command: string; by: Actor }
  /** A message in the station's own version and words. */
  'ocpp-request': {
    station: StationId
    action: string
    payload: Readonly<Record<string, unknown>>
    by: Actor
  }
  'id-tokens-set': { tokens: readonly IdTokenEntry[]; by: Actor }
  'id-token-removed': { idToken: IdToken; by: Actor }
  /** Brings the station's local list up to what is known here. */
  'local-list-push': { station: StationId; by: Actor }
  'reservation-wanted': {
    station: StationId
    evse: number
    idToken: IdToken
    expiresAt: Instant
    by: Actor
  }
  'reservation-cancelled': { reservation: number; by: Actor }
  /** The station says that a reservation is over. @see OCPP 2.0.1 H06, ReservationStatusUpdate */
  'reservation-ended': { station: StationId; reservation: number; cause: 'expired' | 'removed' }
  'manual-act': { act: ManualAct; by: Actor }
  /** The station is to have another secret, of our own making. */
  'password-wanted': { station: StationId; by: Actor }
  /** Something became of a file that a station left or fetches, or that somebody brought. */
  'file-event': FileEvent
  /** The station is to leave a log here. */
  'log-wanted': {
    station: StationId
    log: 'DiagnosticsLog' | 'SecurityLog'
    oldest: Instant | null
    latest: Instant | null
    by: Actor
  }
  /** The station is to fetch and install an image of the shelf. */
  'firmware-wanted': {
    station: StationId
    image: string
    retrieveAt: Instant | null
    installAt: Instant | null
    /** As one that nobody signed, which only OCPP 1.6 takes. */
    unsigned: boolean
    by: Actor
  }
  /** Somebody we know asked for more than his role allows. */
  'access-refused': { role: string; needed: string; request: string; by: Actor }
}

export type InputType = keyof InputTypes
export type InputOf<T extends InputType> = { readonly type: T } & Readonly<InputTypes[T]>
export type Input = { [T in InputType]: InputOf<T> }[InputType]

/** What an input's sender gets back at once. */
export interface OutcomeTypes extends StationOutcomes, RosterOutcomes {
  'station-connected': undefined
  'station-disconnected': undefined
  'station-profiled': undefined
  'station-booted': { heartbeatIntervalS: number }
  'connector-status': undefined
  /** Settles when the room that an accepted token may use is reserved, or with why it is not. */
  authorize: Promise<{ status: AuthorizationStatus } & TokenParticulars>
  'transaction-started': { transaction: TransactionId; status: AuthorizationStatus } & TokenParticulars
  'meter-values': undefined
  'transaction-ended': undefined
  'station-report': undefined
  'firmware-status': undefined
  'log-status': undefined
  'security-event': undefined
  'certificate-requested': { status: 'Accepted' | 'Rejected' }
  /** The transaction, null while the event is held; the status of its token, null without one. */
  'transaction-event': {
    transaction: TransactionId | null
    status: AuthorizationStatus | null
  } & TokenParticulars
  'meter-reading': undefined
  'meter-failure': undefined
  'meter-inspected': undefined
  'meter-test': { status: 'accepted' | 'rejected'; reason: string | null }
  'conformance-start': { status: 'accepted' | 'rejected'; reason: string | null; run: string | null }
  'conformance-cancel': { found: boolean }
  'departures-set': { accepted: readonly VehicleId[]; unknown: readonly VehicleId[] }
  'overload-ended': { status: 'accepted' | 'rejected'; reason: string | null }
  'station-command': Promise<CommandResult>
  'command-withdrawn': { found: boolean }
  'ocpp-request': Promise<OcppResult>
  'id-tokens-set': { accepted: readonly IdToken[] }
  'id-token-removed': { found: boolean }
  'local-list-push': Promise<LocalListResult>
  'reservation-wanted': Promise<ReservationResult>
  'reservation-cancelled': Promise<ReservationResult> | null
  'reservation-ended': undefined
  'manual-act': { status: 'accepted' | 'rejected'; reason: string | null }
  'access-refused': undefined
  'file-event': undefined
  'password-wanted': Promise<CommandResult>
  'log-wanted': Promise<CommandResult>
  'firmware-wanted': Promise<CommandResult>
}

/**
 * What came of a raw request. `refused`: by its schema; `limits`: it could overload what protects; `error`: the
 * station's own.
 */
export type OcppResult = { readonly command: string } & (
  | { readonly status: 'answered'; readonly response: Readonly<Record<string, unknown>> }
  | { readonly status: 'error'; readonly reason: string; readonly error: OcppError }
  | { readonly status: 'refused' | 'limits' | 'not-sent' | 'unanswered'; readonly reason: string }
)

/** What came of a station's local list. `version` is the last that was sent; 0 when none was. */
export interface LocalListResult {
  readonly status: StationAnswer['status']
  readonly version: number
  readonly update: 'Full' | 'Differential' | 'none'
  /** Entries sent. */
  readonly sent: number
  readonly reason: string | null
}

export interface ReservationResult {
  readonly reservation: number
  readonly status: StationAnswer['status']
  readonly reason: string | null
}

/** What a station may keep of a token beside its status. */
export interface TokenParticulars {
  readonly group?: IdToken
  readonly expiresAt?: Instant
}

/** What came of a person's request to a station. */
export interface CommandResult {
  readonly command: string
  readonly status: StationAnswer['status'] | 'waiting'
  readonly reason: string | null
  readonly variables?: StationVariable[]
  readonly unknown?: string[]
  readonly when?: 'Scheduled' | 'RebootRequired'
  readonly listVersion?: number
  /** What the station's reports of it, and a log that it leaves, are numbered by. */
  readonly request?: number
}

/** `outcome` at once; `durable` resolves when every fact it caused is committed, and rejects when that failed. */
export interface Submitted<T extends InputType> {
  readonly outcome: OutcomeTypes[T]
  readonly durable: Promise<void>
}

/** The one way into the depot. */
export type Submit = <T extends InputType>(input: InputOf<T>) => Submitted<T>

/** A vehicle's next departure and what it needs by then. Exactly one need is given, or none: then charge as full as time allows. */
export interface Departure {
  readonly vehicle: VehicleId
  readonly departureAt: Instant
  /** Energy still to be delivered from plug-in to departure. */
  readonly energyNeededWh: WattHours | null
  readonly socNeededPct: Percent | null
}

/** What a station model can do: the only part of a StationProfile the domain sees. @see ocpp.md 4.2 */
export interface StationCapabilities {
  /** What a station does when it loses us: keeps its last limit for the transaction, or falls back when the lease lapses. */
  readonly offline: 'keeps' | 'fallback' | 'full' | 'zero' | 'unknown'
  /** True when a vehicle can start without our authorisation. Unknown counts as true. */
  readonly startsAlone: boolean
  /** Longest time from an accepted limit to the vehicle obeying it, in seconds. */
  readonly settleS: number
  /** True when the model was proven to obey an accepted limit, so that the settle time alone releases the old one. */
  readonly provenToObey: boolean
  /** True where no limit surely bounds what it draws: it counts at its rating. */
  readonly unbounded?: boolean
  readonly limitStepA: Amps
  readonly minCurrentA: Amps
  readonly minPowerW: Watts
  /** What it falls back to whatever default it holds, A per phase; absent: to its default. */
  readonly fallbackA?: Amps
  /** The finest thing a limit can be set for; `none`: its rating counts always. Absent: a transaction. */
  readonly smartCharging?: 'none' | 'station' | 'evse' | 'transaction'
}
