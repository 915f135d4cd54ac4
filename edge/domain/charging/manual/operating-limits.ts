import type { Instant } from '@busbar/units/time.ts'
import type { FactTypes } from '../../facts.ts'
import type { ProjectionDefinition } from '../../ports/projections.ts'

/** A limit that a person set on a circuit, beside its rating and never above it. */
export interface OperatingLimit extends Readonly<FactTypes['OperatingLimitSet']> {
  readonly since: Instant
}

/** Each circuit's operating limit. */
export const operatingLimits: ProjectionDefinition<OperatingLimit> = {
  name: 'operating-limit',
  keys: ({ fact }) =>
    fact.type === 'OperatingLimitSet' || fact.type === 'OperatingLimitEnded' ? [fact.data.circuit] : [],
  next: (row, { fact }) => {
    if (fact.type === 'OperatingLimitEnded') return undefined
    return fact.type === 'OperatingLimitSet' ? { ...fact.data, since: fact.occurred_at } : row
  },
}
