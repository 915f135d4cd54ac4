import { z } from 'zod'
import { ConformanceStep } from './conformance.ts'
import { OperatingLimitView, OverrideView } from './manual.ts'

/** Version of the LAN API's shapes; raised with any change, noted in history.md. */
export const LAN_API_VERSION = 21

const time = z.iso.datetime().describe('ISO 8601, UTC')
const phase = z.enum(['l1', 'l2', 'l3'])
const perPhase = <T extends z.ZodType>(of: T) => z.object({ l1: of, l2: of, l3: of })

/** A measured or computed number that is null when unknown, with the time it was true. 0 is a measured zero. */
export const PowerView = z.object({
  /** Import at the grid connection, W; export is negative. */
  import_w: z.number().nullable(),
  /** Part of `import_w` that is not vehicles; null when either is unknown or `import_w` is not of the present. */
  building_w: z.number().nullable(),
  /** Drawn by all EVSEs, from their own reports. */
  vehicles_w: z.number().nullable(),
  /** Limit of the grid connection in W: its power limit, or its current limit at present voltage when that is lower. */
  limit_w: z.number(),
  /** Reserved for stations we cannot see or steer just now, beyond what is measured. */
  held_w: z.number(),
  /** limit − import − held; null when import is unknown or not of the present. Negative is an overload. */
  headroom_w: z.number().nullable(),
  measured_at: time.nullable(),
  /** Age of the measurement at `at`, in ms of the depot's clock. */
  age_ms: z.number().nullable(),
  quality: z.enum(['live', 'hold', 'reserve', 'static']),
})

/** The running demand window of the grid connection; means over time, W, import only. */
export const DemandView = z.object({
  window_start: time,
  window_end: time,
  so_far_w: z.number(),
  /** Mean of the whole window when the load stays as it is. */
  forecast_w: z.number(),
  /** Mean that the rest may have under the limit; null without a limit. */
  permitted_w: z.number().nullable(),
  limit_w: z.number().nullable(),
  /** Part of it was not measured and counted at the reserve, or the clock was set. */
  flagged: z.boolean(),
})

/** The row that sets the pace: the fullest one that holds an EVSE below what it asks for. */
export const BindingView = z.object({
  circuit: z.string(),
  name: z.string(),
  /** A phase, the neutral and the unbalance of two phases are limits in A; the others are in W. */
  row: z.enum(['l1', 'l2', 'l3', 'neutral', 'unbalance', 'power', 'export', 'modules']),
  load: z.number(),
  limit: z.number(),
  unit: z.enum(['A', 'W']),
  vehicles: z.int(),
  /** e.g. "Feeder 2, phase L1 sets the pace: 247 of 250 A. Nine vehicles share it; B-108 leaves first, at 04:10." */
  headline: z.string(),
  sentence: z.string(),
})

export const MeterView = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(['grid', 'feeder', 'station', 'der']),
  circuit: z.string(),
  quality: z.enum(['live', 'hold', 'reserve', 'static']),
  reason: z.string().nullable(),
  measured_at: time.nullable(),
  age_ms: z.number().nullable(),
  power_w: z.number().nullable(),
  current_a: perPhase(z.number().nullable()),
})

/** Load of one conductor, in A; the three parts are what the balancer counts, `measured_a` is the meter's word if it has one. */
export const ConductorView = z.object({
  phase,
  building_a: z.number(),
  vehicles_a: z.number(),
  held_a: z.number(),
  limit_a: z.number(),
  measured_a: z.number().nullable(),
})

export const CircuitView = z.object({
  id: z.string(),
  name: z.string(),
  /** What hangs there, e.g. "AC yard". */
  note: z.string().nullable(),
  parent: z.string().nullable(),
  kind: z.enum(['grid', 'feeder', 'circuit']),
  rating_a: z.number(),
  /** As measured just now or, where nothing but EVSEs hangs there, as they report; null when neither is known. */
  power_w: z.number().nullable(),
  conductors: z.array(ConductorView).length(3),
  binding: z.boolean(),
  /** What a person allows here for now; null when only the rating counts. */
  operating_limit: OperatingLimitView.nullable(),
})

/** What a card shows. `limited`: draws, but less than it asks for. `waiting`: connected, offered nothing, with a reason. `ready`: has what it needs. */
export const EvseState = z.enum([
  'available',
  'charging',
  'limited',
  'waiting',
  'ready',
  'faulted',
  'unavailable',
  'offline',
  'unknown',
])

export const EvseView = z.object({
  station: z.string(),
  evse: z.int(),
  /** Shown name, e.g. "B-02"; with more than one EVSE "B-02/1". */
  label: z.string(),
  circuit: z.string(),
  current: z.enum(['ac', 'dc']),
  phases: z.array(phase),
  state: EvseState,
  state_since: time.nullable(),
  /** Station in contact. */
  online: z.boolean(),
  last_message_at: time.nullable(),
  /** Rated power, W. */
  rating_w: z.number(),
  vehicle: z.string().nullable(),
  id_token: z.string().nullable(),
  transaction: z.string().nullable(),
  started_at: time.nullable(),
  /** Limit in force as far as we know, W: the last accepted or, once that has lapsed, the fallback. Null when nothing runs. */
  offered_w: z.number().nullable(),
  offered_a: z.number().nullable(),
  /** Latest limit sent and not yet answered. */
  pending_w: z.number().nullable(),
  actual_w: z.number().nullable(),
  current_a: perPhase(z.number().nullable()),
  energy_wh: z.number().nullable(),
  soc_pct: z.number().nullable(),
  /** It is worked out from the energy, for what the station says cannot be, or it says nothing any more. */
  soc_estimated: z.boolean(),
  soc_needed_pct: z.number().nullable(),
  /** Energy that this stay has to deliver; null when the need is a state of charge, or unknown. */
  energy_needed_wh: z.number().nullable(),
  values_at: time.nullable(),
  /** Draw the balancer counts for it beyond measured, W: held for an offline or unverified station. */
  held_w: z.number(),
  departure_at: time.nullable(),
  readiness: z.enum(['ready', 'on-track', 'at-risk', 'not-ready', 'no-data']).nullable(),
  ready_at: time.nullable(),
  /** One true sentence why it has this limit or state; cause first. */
  reason: z.string(),
  /** Machine form of the reason. */
  reason_code: z.string(),
  /** Row that limits it: `CIRCUIT/l1`, `CIRCUIT/power`, or null. */
  binding_row: z.string().nullable(),
  /** What a person decided for it; null when the balancer alone decides. */
  override: OverrideView.nullable(),
})

export const IncidentView = z.object({
  id: z.string(),
  code: z.string(),
  severity: z.int().min(1).max(4),
  subject: z.object({ type: z.string(), id: z.string() }),
  text: z.string(),
  action: z.string(),
  opened_at: time,
})

export const DepartureView = z.object({
  vehicle: z.string(),
  departure_at: time,
  evse: z.string().nullable(),
  soc_pct: z.number().nullable(),
  soc_needed_pct: z.number().nullable(),
  energy_needed_wh: z.number().nullable(),
  energy_done_wh: z.number().nullable(),
  readiness: z.enum(['ready', 'on-track', 'at-risk', 'not-ready', 'no-data']),
  ready_at: time.nullable(),
  /** e.g. "61 % now, 90 % needed, ready 03:36" */
  sentence: z.string(),
})

export const CloudLinkView = z.object({
  state: z.enum(['none', 'connecting', 'live', 'unacknowledged', 'refused', 'offline']),
  since: time,
  unsent: z.int(),
  oldest_unsent_at: time.nullable(),
  reason: z.string().nullable(),
})

export const StartupStepView = z.object({
  step: z.enum(['store', 'clock', 'limits', 'meter', 'stations', 'ramp']),
  name: z.string(),
  done: z.boolean(),
  reason: z.string(),
})

/** Everything the Now page shows. Ages are computed against `at`, the depot's time, never the browser's. */
export const SiteView = z.object({
  version: z.literal(LAN_API_VERSION),
  depot: z.object({ id: z.string(), name: z.string(), virtual: z.boolean(), time_zone: z.string() }),
  at: time,
  clock: z.object({ quality: z.enum(['synced', 'estimated', 'unsynced']), scale: z.number() }),
  power: PowerView,
  /** Null where no meter measures the grid connection. */
  demand: DemandView.nullable().default(null),
  binding: BindingView.nullable(),
  meters: z.array(MeterView),
  circuits: z.array(CircuitView),
  stations: z.object({
    total: z.int(),
    online: z.int(),
    charging: z.int(),
    faulted: z.int(),
    offline_reserved: z.int(),
  }),
  evses: z.array(EvseView),
  cloud: CloudLinkView,
  /** Empty once all passed. */
  startup: z.array(StartupStepView),
  /** The conformance run under way; absent without one. `step` is null while room is made for the EVSE's rating. */
  conformance: z
    .object({
      station: z.string(),
      evse: z.int(),
      step: ConformanceStep.nullable(),
      done: z.int(),
      steps_total: z.int(),
    })
    .optional(),
  incidents: z.array(IncidentView),
  departures: z.array(DepartureView),
  tariff: z
    .object({ name: z.string(), price_per_kwh: z.number(), currency: z.string(), until: time })
    .nullable(),
})

/** One point of the trend; W, null where nothing was measured. */
export const TrendPoint = z.object({
  at: time,
  import_w: z.number().nullable(),
  building_w: z.number().nullable(),
  vehicles_w: z.number().nullable(),
  limit_w: z.number(),
})
export const TrendView = z.object({ at: time, window_s: z.number(), points: z.array(TrendPoint) })

export type SiteView = z.infer<typeof SiteView>
export type EvseView = z.infer<typeof EvseView>
export type EvseState = z.infer<typeof EvseState>
export type CircuitView = z.infer<typeof CircuitView>
export type ConductorView = z.infer<typeof ConductorView>
export type MeterView = z.infer<typeof MeterView>
export type BindingView = z.infer<typeof BindingView>
export type DemandView = z.infer<typeof DemandView>
export type PowerView = z.infer<typeof PowerView>
export type IncidentView = z.infer<typeof IncidentView>
export type DepartureView = z.infer<typeof DepartureView>
export type CloudLinkView = z.infer<typeof CloudLinkView>
export type StartupStepView = z.infer<typeof StartupStepView>
export type TrendPoint = z.infer<typeof TrendPoint>
export type TrendView = z.infer<typeof TrendView>
