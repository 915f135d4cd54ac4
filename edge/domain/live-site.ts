import type { PerPhase, Phase } from '@busbar/units/per-phase.ts'
import type { ConformanceStep } from './charging/conformance/conformance-facts.ts'
import type { ConformanceStanding } from './charging/conformance/effective.ts'
import type { MatchedProfile, QuirkInForce } from './charging/matched-profile.ts'
import type {
  ChargingState,
  ClockQuality,
  ConnectorStatus,
  MeterQuality,
  Severity,
  Subject,
} from './facts.ts'
import type { Readiness } from './load-balancing/demand.ts'
import type { RowKind } from './load-balancing/rows.ts'

/**
 * The depot as its screens show it: every number with its time, every EVSE with its reason. Times are ISO 8601 UTC and
 * units stand in the names, for here types end.
 */
export interface LiveSite {
  depot: { id: string; name: string; virtual: boolean; time_zone: string }
  at: string
  clock: { quality: ClockQuality; scale: number }
  power: LivePower
  /** Null where no meter measures the grid connection. */
  demand: LiveDemand | null
  binding: LiveBinding | null
  meters: LiveMeter[]
  circuits: LiveCircuit[]
  stations: { total: number; online: number; charging: number; faulted: number; offline_reserved: number }
  evses: LiveEvse[]
  startup: StartupStep[]
  /** The conformance run under way; absent without one. */
  conformance?: {
    station: string
    evse: number
    step: ConformanceStep | null
    done: number
    steps_total: number
  }
  incidents: {
    id: string
    code: string
    severity: Severity
    subject: Subject
    text: string
    action: string
    opened_at: string
  }[]
  departures: LiveDeparture[]
  tariff: { name: string; price_per_kwh: number; currency: string; until: string } | null
}

export interface LivePower {
  import_w: number | null
  building_w: number | null
  vehicles_w: number | null
  limit_w: number
  held_w: number
  headroom_w: number | null
  measured_at: string | null
  age_ms: number | null
  quality: MeterQuality
}

/** The running demand window of the grid connection; means, W. @see site/demand-window.ts */
export interface LiveDemand {
  window_start: string
  window_end: string
  so_far_w: number
  forecast_w: number
  permitted_w: number | null
  limit_w: number | null
  flagged: boolean
}

export interface LiveBinding {
  circuit: string
  name: string
  row: RowKind
  load: number
  limit: number
  unit: 'A' | 'W'
  vehicles: number
  headline: string
  sentence: string
}

export interface LiveMeter {
  id: string
  name: string
  role: 'grid' | 'feeder' | 'station' | 'der'
  circuit: string
  quality: MeterQuality
  reason: string | null
  measured_at: string | null
  age_ms: number | null
  power_w: number | null
  current_a: PerPhase<number | null>
}

export interface LiveConductor {
  phase: Phase
  building_a: number
  vehicles_a: number
  held_a: number
  limit_a: number
  measured_a: number | null
}

export interface LiveCircuit {
  id: string
  name: string
  note: string | null
  parent: string | null
  kind: 'grid' | 'feeder' | 'circuit'
  rating_a: number
  power_w: number | null
  conductors: LiveConductor[]
  binding: boolean
  operating_limit: LiveOperatingLimit | null
}

export type EvseState =
  | 'available'
  | 'charging'
  | 'limited'
  | 'waiting'
  | 'ready'
  | 'faulted'
  | 'unavailable'
  | 'offline'
  | 'unknown'

export interface LiveEvse {
  station: string
  evse: number
  label: string
  circuit: string
  current: 'ac' | 'dc'
  phases: Phase[]
  state: EvseState
  state_since: string | null
  online: boolean
  last_message_at: string | null
  rating_w: number
  vehicle: string | null
  id_token: string | null
  transaction: string | null
  started_at: string | null
  offered_w: number | null
  offered_a: number | null
  pending_w: number | null
  actual_w: number | null
  current_a: PerPhase<number | null>
  energy_wh: number | null
  soc_pct: number | null
  soc_estimated: boolean
  soc_needed_pct: number | null
  energy_needed_wh: number | null
  values_at: string | null
  held_w: number
  departure_at: string | null
  readiness: Readiness | null
  ready_at: string | null
  reason: string
  reason_code: string
  binding_row: string | null
  override: LiveOverride | null
}

export interface LiveDeparture {
  vehicle: string
  departure_at: string
  evse: string | null
  soc_pct: number | null
  soc_needed_pct: number | null
  energy_needed_wh: number | null
  energy_done_wh: number | null
  readiness: Readiness
  ready_at: string | null
  sentence: string
}

/** What fills a row, as one EVSE sees it; A or W. */
export interface LiveRowAccount {
  row: string
  name: string
  unit: 'A' | 'W'
  duty: 'protect' | 'contract'
  /** Whether EVSEs count at their shares, or at the most that they may draw already. */
  counted: 'shares' | 'holds'
  limit: number
  building: number
  others: number
  other_count: number
  own: number
  used: number
  /** What a step more of this EVSE alone would add. */
  step: number
}

/** Why an EVSE has its limit or state. */
export interface LiveWhy {
  at: string
  station: string
  evse: number
  label: string
  state: EvseState
  code: string
  sentence: string
  /** The same on one line of a card. */
  short: string
  /** The unit of `limit` and `share`. */
  unit: 'A' | 'W'
  /** The limit after the last decision, and what it is to get; null without a transaction. */
  limit: number | null
  share: number | null
  row: LiveRowAccount | null
  /** Rows on which a step more would not fit either. */
  also: LiveRowAccount[]
  /** What would let it have more, and when if that is known. */
  frees: { what: string; at: string | null } | null
  override: LiveOverride | null
}

/** What a person decided for an EVSE. */
export interface LiveOverride {
  how: 'charge' | 'pause'
  limit_a: number | null
  limit_w: number | null
  since: string
  until: string
  reason: string
  by: string
}

/** A limit that a person set on a circuit, beside its rating. */
export interface LiveOperatingLimit {
  limit_a: number | null
  limit_w: number | null
  since: string
  until: string | null
  reason: string
  by: string
}

/** An EVSE's share without and with an act by hand, W at the AC side. */
export interface PreviewedEvse {
  station: string
  evse: number
  label: string
  vehicle: string | null
  before_w: number
  after_w: number
  departure_at: string | null
  readiness_before: Readiness | null
  readiness_after: Readiness | null
}

/** Who would get more and who less, those who lose most first. */
export interface ManualPreview {
  at: string
  total_before_w: number
  total_after_w: number
  changes: PreviewedEvse[]
}

/** What stands by hand, and the last acts, newest first. */
export interface LiveManual {
  at: string
  overrides: (LiveOverride & { evse: string })[]
  priorities: {
    scope: 'vehicle' | 'group' | 'departure'
    id: string
    priority: number
    since: string
    until: string | null
    reason: string
    by: string
  }[]
  operating_limits: (LiveOperatingLimit & { circuit: string })[]
  acts: { at: string; act: string; by: string; data: Record<string, unknown> }[]
}

/** The profile that a station is taken for. */
export interface LiveProfile {
  id: string
  matched_by: MatchedProfile['matchedBy']
  tier: MatchedProfile['tier']
  quirks: (Omit<QuirkInForce, 'sources'> & { sources: string[] })[]
  warnings: string[]
  commissioning: string[]
}

/** One station as the API shows it. */
export interface LiveStation {
  id: string
  /** `leaving`: it was added, is let in no more, and counts until it is gone. */
  origin: 'file' | 'added' | 'leaving'
  online: boolean
  protocol: string | null
  connected_since: string | null
  last_message_at: string | null
  vendor: string | null
  model: string | null
  serial: string | null
  firmware: string | null
  station_profile: string | null
  /** Why it is spoken to as it is; null until it has connected. */
  profile: LiveProfile | null
  booted_at: string | null
  evses: { evse: number; label: string; circuit: string; conformance: ConformanceStanding }[]
  connectors: {
    evse: number
    status: ConnectorStatus
    charging_state: ChargingState | null
    error_code: string | null
    vendor_error: string | null
    info: string | null
    since: string
  }[]
}

/** One step of the start-up sequence. */
export interface StartupStep {
  step: 'store' | 'clock' | 'limits' | 'meter' | 'stations' | 'ramp'
  name: string
  done: boolean
  reason: string
}

/** One point of the trend; W, null where nothing was measured. */
export interface TrendSample {
  at: string
  import_w: number | null
  building_w: number | null
  vehicles_w: number | null
  limit_w: number
}
