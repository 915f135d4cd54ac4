import type { VehicleId } from '@busbar/model/ids.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'

/** Departures of vehicles we know are set; the others are named in the answer. */
export function departuresSet(depot: Depot, input: InputOf<'departures-set'>): Submitted<'departures-set'> {
  const accepted: VehicleId[] = []
  const unknown: VehicleId[] = []
  const facts = input.departures.flatMap((departure) => {
    const { vehicle, departureAt, energyNeededWh, socNeededPct } = departure
    if (!depot.setup.fleet.vehicles.has(vehicle)) {
      unknown.push(vehicle)
      return []
    }
    accepted.push(vehicle)
    const data = {
      vehicle,
      departure_at: departureAt,
      energy_needed_wh: energyNeededWh,
      soc_needed_pct: socNeededPct,
      by: input.by,
    }
    return [depot.recorder.fact('DepartureSet', { type: 'vehicle', id: vehicle }, data)]
  })
  const durable = depot.recorder.record(facts)
  depot.urge()
  return { outcome: { accepted, unknown }, durable }
}
