import { type EvseKey, evseKey } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { FactTypes } from '../../facts.ts'
import type { ProjectionDefinition } from '../../ports/projections.ts'

/** What a person decided for one EVSE, until it ends. */
export interface Override extends Omit<FactTypes['OverrideSet'], 'station' | 'evse'> {
  readonly key: EvseKey
  readonly since: Instant
}

/** Each EVSE's override; past its end it no longer counts, though its row may stand a moment longer. */
export const overrides: ProjectionDefinition<Override> = {
  name: 'override',
  keys: ({ fact }) =>
    fact.type === 'OverrideSet' || fact.type === 'OverrideEnded'
      ? [evseKey(fact.data.station, fact.data.evse)]
      : [],
  next: (row, { fact }) => {
    if (fact.type === 'OverrideEnded') return undefined
    if (fact.type !== 'OverrideSet') return row
    const { station, evse, ...rest } = fact.data
    return { ...rest, key: evseKey(station, evse), since: fact.occurred_at }
  },
}
