import { as, type CircuitId, evseKey, type MeterId, type StationId } from '@busbar/model/ids.ts'
import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { type Phase, perPhase } from '@busbar/units/per-phase.ts'
import { seconds } from '@busbar/units/time.ts'
import type { Circuit, Evse, MeterPlace, Site } from './site.ts'

/** A circuit for tests: equal on all conductors, no derating, no margin. */
export function exampleCircuit(
  id: string,
  of: {
    parent?: string
    ratingA?: number
    limitW?: number
    otherA?: number
    otherW?: number
    meter?: string
  } = {},
): Circuit {
  const { parent, ratingA = 100, limitW, otherA = 0, otherW = 0, meter } = of
  return {
    id: as<CircuitId>(id),
    name: id,
    note: null,
    parent: parent === undefined ? null : as<CircuitId>(parent),
    ratingA: perPhase(() => amps(ratingA)),
    limitW: limitW === undefined ? null : watts(limitW),
    derate: 1,
    meter: meter === undefined ? null : as<MeterId>(meter),
    otherLoadsA: perPhase(() => amps(otherA)),
    otherLoadsW: watts(otherW),
    marginA: amps(0),
    marginW: watts(0),
  }
}

/** An EVSE for tests: 32 A on three phases with a fallback of 6 A, or DC with its output in W. */
export function exampleEvse(
  station: string,
  circuit: string,
  of: {
    evse?: number
    ratingA?: number
    fallbackA?: number
    phases?: readonly Phase[]
    dcW?: number
    fallbackW?: number
  } = {},
): Evse {
  const { evse = 1, ratingA = 32, fallbackA = 6, phases = ['l1', 'l2', 'l3'], dcW, fallbackW = 10_000 } = of
  const id = as<StationId>(station)
  const common = {
    key: evseKey(id, evse),
    station: id,
    evse,
    label: station,
    circuit: as<CircuitId>(circuit),
    phases,
  }
  if (dcW === undefined)
    return {
      ...common,
      current: 'ac',
      rating: { limit_a: amps(ratingA) },
      fallback: { limit_a: amps(fallbackA) },
      efficiency: 1,
      powerFactor: 1,
    }
  return {
    ...common,
    current: 'dc',
    rating: { limit_w: watts(dcW) },
    fallback: { limit_w: watts(fallbackW) },
    efficiency: 0.94,
    powerFactor: 0.98,
  }
}

/** A site for tests; a meter is placed on every circuit that names one. */
export function exampleSite(circuits: readonly Circuit[], evses: readonly Evse[]): Site {
  const meters = circuits.flatMap(({ id, meter }): MeterPlace[] =>
    meter === null ? [] : [{ id: meter, name: `Meter ${id}`, role: 'grid', circuit: id, poll: seconds(1) }],
  )
  return {
    nominalV: volts(230),
    circuits: new Map(circuits.map((circuit) => [circuit.id, circuit])),
    evses: new Map(evses.map((evse) => [evse.key, evse])),
    meters: new Map(meters.map((meter) => [meter.id, meter])),
  }
}
