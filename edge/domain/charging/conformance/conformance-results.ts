import { type EvseKey, evseKey } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { ProjectionDefinition } from '../../ports/projections.ts'
import type { ConformanceFactTypes } from './conformance-facts.ts'

/** The last run at an EVSE that came to an end. */
export interface ConformanceResult extends Omit<ConformanceFactTypes['ConformanceEnded'], never> {
  readonly at: Instant
}

/** What is known of an EVSE's conformance runs. */
export interface ConformanceRecord {
  readonly evse: EvseKey
  /** The run under way, or one that a restart of the controller cut off. */
  readonly open: ConformanceFactTypes['ConformanceStarted'] | null
  /** The last run that was completed, or without one the last that was aborted: an abort undoes no evidence. */
  readonly result: ConformanceResult | null
  /** Why the last run did not come to its end; null when it did. */
  readonly aborted: string | null
}

export const conformanceResults: ProjectionDefinition<ConformanceRecord> = {
  name: 'conformance',
  keys: ({ fact }) =>
    fact.type === 'ConformanceStarted' || fact.type === 'ConformanceEnded'
      ? [evseKey(fact.data.station, fact.data.evse)]
      : [],
  next: (row, { fact }) => {
    if (fact.type !== 'ConformanceStarted' && fact.type !== 'ConformanceEnded') return row
    const evse = evseKey(fact.data.station, fact.data.evse)
    const known = row ?? { evse, open: null, result: null, aborted: null }
    if (fact.type === 'ConformanceStarted') return { ...known, open: fact.data }
    const stands = fact.data.outcome === 'aborted' && known.result?.outcome === 'completed'
    const result = stands ? known.result : { ...fact.data, at: fact.occurred_at }
    return { ...known, open: null, result, aborted: fact.data.reason }
  },
}
