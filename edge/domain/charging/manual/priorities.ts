import type { Instant } from '@busbar/units/time.ts'
import type { FactTypes } from '../../facts.ts'
import type { ProjectionDefinition } from '../../ports/projections.ts'
import type { Vehicle } from '../vehicle.ts'
import type { PriorityScope } from './manual-act.ts'

/** A priority that a person gave. */
export interface GivenPriority extends Readonly<FactTypes['PrioritySet']> {
  readonly since: Instant
}

/** The row of a given priority. */
export const priorityKey = (scope: PriorityScope, id: string): string => `${scope}:${id}`

/** Each priority that stands in place of the configured one. */
export const priorities: ProjectionDefinition<GivenPriority> = {
  name: 'priority',
  keys: ({ fact }) =>
    fact.type === 'PrioritySet' || fact.type === 'PriorityEnded'
      ? [`${fact.data.scope}:${fact.data.id}`]
      : [],
  next: (row, { fact }) => {
    if (fact.type === 'PriorityEnded') return undefined
    return fact.type === 'PrioritySet' ? { ...fact.data, since: fact.occurred_at } : row
  },
}

/** A vehicle's priority now: as given to its departure, to it, to its group, or as configured; 1 comes first. */
export function priorityOf(
  vehicle: Vehicle,
  given: ReadonlyMap<string, GivenPriority>,
  now: Instant,
): number {
  const places: readonly (readonly [PriorityScope, string | undefined])[] = [
    ['departure', vehicle.id],
    ['vehicle', vehicle.id],
    ['group', vehicle.group],
  ]
  for (const [scope, id] of places) {
    const found = id === undefined ? undefined : given.get(priorityKey(scope, id))
    if (found !== undefined && (found.until === null || found.until > now)) return found.priority
  }
  return vehicle.priority
}
