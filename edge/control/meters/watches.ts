import type { MeterId } from '@busbar/model/ids.ts'
import { PHASES } from '@busbar/units/per-phase.ts'
import { voltageAt } from '../../domain/site/feeding.ts'
import type { Site } from '../../domain/site/site.ts'
import { type MeterWatch, newWatch } from './meter-watch.ts'

/** A watch for each meter that is read; what virtual ones are worth follows from their inputs. */
export function watchesOf(site: Site): ReadonlyMap<MeterId, MeterWatch> {
  const watches = new Map<MeterId, MeterWatch>()
  for (const place of site.meters.values()) {
    const circuit = site.circuits.get(place.circuit)
    if (place.virtual != null || circuit === undefined) continue
    const nominalV = voltageAt(site, circuit.id)
    const powerW = PHASES.reduce((sum, phase) => sum + circuit.ratingA[phase] * nominalV, 0)
    const rating = { nominalV, currentA: circuit.ratingA, powerW, poll: place.poll }
    // No step of a station can be told on a part of a virtual meter.
    const tested = circuit.meter === place.id ? place : { ...place, selfTest: 'automatic' as const }
    watches.set(place.id, newWatch(tested, rating))
  }
  return watches
}
