import type { Instant } from '@busbar/units/time.ts'
import type { FactOf } from '../../facts.ts'
import type { ProjectionDefinition } from '../../ports/projections.ts'

type ActFact = FactOf<
  | 'OverrideSet'
  | 'OverrideEnded'
  | 'PrioritySet'
  | 'PriorityEnded'
  | 'OperatingLimitSet'
  | 'OperatingLimitEnded'
>

/** One act by hand, or the end of one. */
export interface DoneAct {
  readonly at: Instant
  readonly type: ActFact['type']
  readonly data: ActFact['data']
}

/** So many are remembered here; the log has them all. */
const REMEMBERED = 200
const TYPES: ReadonlySet<string> = new Set<ActFact['type']>([
  'OverrideSet',
  'OverrideEnded',
  'PrioritySet',
  'PriorityEnded',
  'OperatingLimitSet',
  'OperatingLimitEnded',
])

/** The last acts, newest first, in one row. */
export const doneActs: ProjectionDefinition<readonly DoneAct[]> = {
  name: 'manual-acts',
  keys: ({ fact }) => (TYPES.has(fact.type) ? ['all'] : []),
  next: (row = [], { fact }) => {
    const { type, data, occurred_at: at } = fact as ActFact
    return [{ at, type, data }, ...row].slice(0, REMEMBERED)
  },
}
