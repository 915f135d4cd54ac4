import type { EvseKey } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { FactTypes } from '../facts.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** A row whose overload is being fought, and what must be undone when that ends. */
export interface OpenOverload {
  readonly row: string
  readonly step: FactTypes['OverloadEscalated']['step']
  readonly since: Instant
  /** EVSEs that were asked to end their transaction. */
  readonly stopped: readonly EvseKey[]
  /** EVSEs that were taken out of service. */
  readonly inoperative: readonly EvseKey[]
  /** The newest evidence, A or W. */
  readonly measured: number
  readonly limit: number
  readonly unit: 'A' | 'W'
}

/** Kept over restarts, so that no EVSE stays out of service for ever. */
export const openOverloads: ProjectionDefinition<OpenOverload> = {
  name: 'open-overload',
  keys: ({ fact }) =>
    fact.type === 'OverloadEscalated' || fact.type === 'OverloadEnded' ? [fact.data.row] : [],
  next: (row, { fact }) => {
    if (fact.type === 'OverloadEnded') return undefined
    if (fact.type !== 'OverloadEscalated') return row
    const { step, evses, measured, limit, unit } = fact.data
    const { since = fact.occurred_at, stopped = [], inoperative = [] } = row ?? {}
    return {
      row: fact.data.row,
      step,
      since,
      stopped: step === 'stop' ? [...new Set([...stopped, ...evses])] : stopped,
      inoperative: step === 'inoperative' ? [...new Set([...inoperative, ...evses])] : inoperative,
      measured,
      limit,
      unit,
    }
  },
}
