import { as, type CircuitId, evseKey, type StationId } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import type { Phase } from '@busbar/units/per-phase.ts'
import type { Evse } from './site.ts'

/** An AC EVSE as people describe it: A per phase, conductors of the site for the station's L1, L2, L3. */
export interface AcDefinition {
  readonly evse: number
  readonly current: 'ac'
  readonly rating_a: number
  readonly phases: readonly Phase[]
  readonly connection: 'line-neutral' | 'line-line'
  readonly fallback_a: number
}

/** A DC EVSE as people describe it: kW of output, parts of 1. */
export interface DcDefinition {
  readonly evse: number
  readonly current: 'dc'
  readonly rating_kw: number
  readonly phases: readonly Phase[]
  readonly fallback_kw: number
  readonly efficiency: number
  readonly efficiency_error: number
  readonly power_factor: number
  readonly cable_a?: number | undefined
}

/** Where a station hangs, and what its EVSEs are. */
export interface StationDefinition {
  readonly name: string | null
  readonly circuit: string
  readonly evses: readonly (AcDefinition | DcDefinition)[]
}

/** The EVSEs of a station, in the words of the site; whether they make sense there is for `checkSite` to say. */
export const evsesOfStation = (station: StationId, of: StationDefinition): Evse[] =>
  of.evses.map((evse) => evseOf(station, of, evse))

function evseOf(station: StationId, of: StationDefinition, evse: StationDefinition['evses'][number]): Evse {
  const name = of.name ?? station
  const common = {
    key: evseKey(station, evse.evse),
    station,
    evse: evse.evse,
    label: of.evses.length > 1 ? `${name}/${evse.evse}` : name,
    circuit: as<CircuitId>(of.circuit),
    phases: evse.phases,
  }
  if (evse.current === 'ac')
    return {
      ...common,
      current: 'ac',
      connection: evse.connection,
      rating: { limit_a: amps(evse.rating_a) },
      fallback: { limit_a: amps(evse.fallback_a) },
      efficiency: 1,
      powerFactor: 1,
    }
  return {
    ...common,
    current: 'dc',
    rating: { limit_w: watts(evse.rating_kw * 1000) },
    fallback: { limit_w: watts(evse.fallback_kw * 1000) },
    efficiency: evse.efficiency,
    efficiencyError: evse.efficiency_error,
    powerFactor: evse.power_factor,
    ...(evse.cable_a === undefined ? {} : { cableA: amps(evse.cable_a) }),
  }
}
