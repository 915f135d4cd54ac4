import type { CircuitId, EvseKey, MeterId, StationId } from '@busbar/model/ids.ts'
import type { Amps, Percent, Volts, Watts } from '@busbar/units/electricity.ts'
import type { PerPhase, Phase } from '@busbar/units/per-phase.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { ChargingLimit } from '../limit.ts'
import type { SelfTestMode } from './trust/self-test.ts'
import type { Formula } from './virtual-meter.ts'

/** One of several ways a circuit is fed. */
export interface Feed {
  readonly circuit: CircuitId
  /** The largest part of the circuit's current that may come this way, above 0 to 1. */
  readonly share: number
}

/** A transformer that a circuit is fed through; the circuit's own ratings are those of the secondary side. */
export interface Transformer {
  /** Vector group: delta primaries carry the difference of two secondary currents. */
  readonly group: 'Dyn1' | 'Dyn11' | 'YNyn0'
  /** Primary over secondary voltage, both line to line. */
  readonly ratio: number
}

/** A neutral conductor with a rating of its own. */
export interface Neutral {
  readonly ratingA: Amps
  /** Third harmonic of the phase currents, part of the fundamental; it adds up on the neutral. */
  readonly thirdHarmonic: number
}

/** What feeds the site from this circuit: its meter's export is the source's output. */
export interface Source {
  readonly kind: 'pv' | 'battery' | 'generator'
  /** Most it gives, W. */
  readonly ratingW: Watts
  /** A battery above this charge, with its inverter online, will not drop out; null: never counted on. */
  readonly firmAbovePct: Percent | null
}

/** One breaker and what hangs from it. Ratings are of protecting devices and are never exceeded. */
export interface Circuit {
  readonly id: CircuitId
  readonly name: string
  readonly note: string | null
  /** Where it is drawn in the tree; null for the grid connection. */
  readonly parent: CircuitId | null
  /** Every feed of a circuit that has more than one, the parent's among them; absent: the parent alone. */
  readonly feeds?: readonly Feed[]
  /** What it is fed through; absent: nothing. */
  readonly transformer?: Transformer
  /** Absent: as strong as the phases and without much third harmonic, so that the phases' rows cover it. */
  readonly neutral?: Neutral
  /** Most difference agreed between two conductors, A; absent: none agreed. */
  readonly unbalanceA?: Amps
  /** Absent: loads alone. */
  readonly source?: Source
  /** Rating of its bus, for what sources feed into it past the breaker; absent: that of the breaker. */
  readonly busA?: PerPhase<Amps>
  readonly ratingA: PerPhase<Amps>
  /** Limit in W where a contract or transformer sets one. */
  readonly limitW: Watts | null
  /** Mean power of a demand window that is aimed at, W; absent: none. Exceeded where a vehicle would else not be ready. */
  readonly demandTargetW?: Watts
  /** Part of the rating that may be used, above 0 to 1: ambient, grouping, continuous-load codes. */
  readonly derate: number
  readonly meter: MeterId | null
  /** Worst case of what is not an EVSE. Counted always where no meter sees it, and when the meter is silent. */
  readonly otherLoadsA: PerPhase<Amps>
  readonly otherLoadsW: Watts
  /** Kept free for meter error. */
  readonly marginA: Amps
  readonly marginW: Watts
}

/** An EVSE, its wiring and its ratings. */
export interface Evse {
  readonly key: EvseKey
  readonly station: StationId
  readonly evse: number
  readonly label: string
  readonly circuit: CircuitId
  readonly current: 'ac' | 'dc'
  /** Site conductor of the station's L1, L2, L3, in that order; one entry for a single-phase EVSE. */
  readonly phases: readonly Phase[]
  /** `line-line`: across the two conductors of `phases`. Absent: line to neutral, or balanced on all three. */
  readonly connection?: 'line-neutral' | 'line-line'
  /** Hardware rating: A per phase for AC, W of output for DC. Limits of this EVSE are in the same unit. */
  readonly rating: ChargingLimit
  /** What it may draw when it hears nothing from us. */
  readonly fallback: ChargingLimit
  /** DC output over AC input; 1 for AC. */
  readonly efficiency: number
  /** How far the efficiency may be overstated, as a part of it; absent: not at all. */
  readonly efficiencyError?: number
  readonly powerFactor: number
  /** Current that a DC outlet's cable carries; absent: enough for the rating at any voltage. */
  readonly cableA?: Amps
}

/** A station's own input and the power modules that its outlets share. */
export interface Cabinet {
  readonly station: StationId
  /** The circuit that feeds it. */
  readonly circuit: CircuitId
  readonly inputA: PerPhase<Amps> | null
  readonly inputW: Watts | null
  /** What it takes with no vehicle, W. */
  readonly idleW: Watts
  readonly modules: { readonly count: number; readonly powerW: Watts } | null
}

/** Who set a limit that is not a rating. */
export type LimitOrigin = 'contract' | 'operator' | 'grid-operator'

/** A limit that somebody agreed or asked for. Of several on one quantity the least counts. */
export interface AgreedLimit {
  readonly circuit: CircuitId
  readonly origin: LimitOrigin
  readonly direction: 'import' | 'export'
  /** A on each conductor (import only), or W. */
  readonly limit: ChargingLimit
  /** Local times of day it holds between; absent: always. One that ends before it starts runs over midnight. */
  readonly hours?: Hours
}

/** Minutes of the local day, from inclusive to exclusive, and the days it starts on (0 is Monday). */
export interface Hours {
  readonly from: number
  readonly to: number
  readonly days: readonly number[]
}

export interface MeterPlace {
  readonly id: MeterId
  readonly name: string
  readonly role: 'grid' | 'feeder' | 'station' | 'der'
  readonly circuit: CircuitId
  /** How often it reads; for a virtual meter its slowest input. */
  readonly poll: Duration
  /** How it is computed from other meters; null or absent when it is read. */
  readonly virtual?: Formula | null
  /** What it must prove before it drives limits; `automatic` when absent. */
  readonly selfTest?: SelfTestMode
  /** How it is installed: what was proven of it holds only as long as this stays. */
  readonly setup?: string
  /** Most difference between two conductors, A. */
  readonly unbalanceLimitA?: number | null
}

/** The depot's electrical side, as commissioned. */
export interface Site {
  readonly nominalV: Volts
  readonly circuits: ReadonlyMap<CircuitId, Circuit>
  readonly evses: ReadonlyMap<EvseKey, Evse>
  readonly meters: ReadonlyMap<MeterId, MeterPlace>
  readonly cabinets?: readonly Cabinet[]
  readonly limits?: readonly AgreedLimit[]
}
