import type { CircuitId, EvseKey, MeterId, StationId } from '@busbar/model/ids.ts'
import type { Amps, Volts, Watts } from '@busbar/units/electricity.ts'
import { type PerPhase, type Phase, perPhase } from '@busbar/units/per-phase.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { ChargingLimit } from '../limit.ts'
import type { SelfTestMode } from './trust/self-test.ts'
import type { Formula } from './virtual-meter.ts'

/** One breaker and what hangs from it. Ratings are of protecting devices and are never exceeded. */
export interface Circuit {
  readonly id: CircuitId
  readonly name: string
  readonly note: string | null
  readonly parent: CircuitId | null
  readonly ratingA: PerPhase<Amps>
  /** Limit in W where a contract or transformer sets one. */
  readonly limitW: Watts | null
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
  /** Hardware rating: A per phase for AC, W of output for DC. Limits of this EVSE are in the same unit. */
  readonly rating: ChargingLimit
  /** What it may draw when it hears nothing from us. */
  readonly fallback: ChargingLimit
  /** DC output over AC input; 1 for AC. */
  readonly efficiency: number
  readonly powerFactor: number
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
}

/** The circuit and those above it, nearest first. A loop ends the walk: `check-site.ts` refuses it. */
export function upstream(site: Site, circuit: CircuitId): readonly Circuit[] {
  const chain: Circuit[] = []
  let at: CircuitId | null = circuit
  while (at !== null) {
    const found = site.circuits.get(at)
    if (!found || chain.includes(found)) break
    chain.push(found)
    at = found.parent
  }
  return chain
}

/** Loads that are not EVSEs, at their worst: A per conductor and W. */
export interface OtherLoads {
  readonly currentA: PerPhase<number>
  readonly powerW: number
}

/** A metered circuit's figure covers all below it; else those of the circuits below add up. */
export function worstOtherLoads(site: Site, circuit: Circuit): OtherLoads {
  const own: OtherLoads = { currentA: circuit.otherLoadsA, powerW: circuit.otherLoadsW }
  if (circuit.meter !== null) return own
  const below = [...site.circuits.values()]
    .filter((child) => child.parent === circuit.id)
    .map((child) => worstOtherLoads(site, child))
  return below.reduce(
    (sum, loads) => ({
      currentA: perPhase((phase) => sum.currentA[phase] + loads.currentA[phase]),
      powerW: sum.powerW + loads.powerW,
    }),
    own,
  )
}
