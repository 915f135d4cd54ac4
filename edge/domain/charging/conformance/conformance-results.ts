import { type EvseKey, evseKey } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { ProjectionDefinition } from '../../ports/projections.ts'
import type { ConformanceFactTypes } from './conformance-facts.ts'

/** The last run at an EVSE that came to an end. */
export interface ConformanceResult extends Omit<ConformanceFactTypes['ConformanceEnded'], never> {
  readonly at: Instant
}

/** What a run found. */
export type ConformanceEvidence = Pick<ConformanceResult, 'capabilities' | 'quirks'>

/** What is known of an EVSE's conformance runs. */
export interface ConformanceRecord {
  readonly evse: EvseKey
  /** The run under way, or one that a restart of the controller cut off. */
  readonly open: ConformanceFactTypes['ConformanceStarted'] | null
  /** The last run that was completed, or without one the last that was aborted: an abort undoes no evidence. */
  readonly result: ConformanceResult | null
  /** Found by aborted runs since then, so that it counts against the station though not for it; absent: nothing. */
  readonly against?: readonly ConformanceEvidence[]
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
    const result = { ...fact.data, at: fact.occurred_at }
    const ended = { ...known, open: null, result, aborted: fact.data.reason }
    if (result.outcome === 'completed' || known.result === null) return { ...ended, against: [] }
    const stands = known.result.outcome === 'completed'
    const against = [...(known.against ?? []), evidenceOf(stands ? result : known.result)]
    return { ...ended, result: stands ? known.result : result, against }
  },
}

const evidenceOf = ({ capabilities, quirks }: ConformanceEvidence): ConformanceEvidence => ({
  capabilities,
  quirks,
})
