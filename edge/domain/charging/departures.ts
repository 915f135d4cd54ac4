import type { Departure } from '../inputs.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** Each vehicle's next departure. */
export const departures: ProjectionDefinition<Departure> = {
  name: 'departure',
  keys: ({ fact }) =>
    fact.type === 'DepartureSet' || fact.type === 'DepartureRemoved' ? [fact.data.vehicle] : [],
  next: (row, { fact }) => {
    if (fact.type === 'DepartureRemoved') return undefined
    if (fact.type !== 'DepartureSet') return row
    return {
      vehicle: fact.data.vehicle,
      departureAt: fact.data.departure_at,
      energyNeededWh: fact.data.energy_needed_wh,
      socNeededPct: fact.data.soc_needed_pct,
    }
  },
}
