import type { CircuitId, EvseKey } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import { type OperatingLimit, operatingLimits } from '../../domain/charging/manual/operating-limits.ts'
import { type Override, overrides } from '../../domain/charging/manual/overrides.ts'
import { type GivenPriority, priorities } from '../../domain/charging/manual/priorities.ts'
import type { Fact } from '../../domain/facts.ts'
import type { ProjectionDefinition } from '../../domain/ports/projections.ts'
import type { Depot } from '../depot.ts'

/** All that stands by hand, ended or not: whoever reads it looks at the time. */
export interface ManualState {
  readonly overrides: ReadonlyMap<string, Override>
  readonly priorities: ReadonlyMap<string, GivenPriority>
  readonly limits: ReadonlyMap<string, OperatingLimit>
}

/** What stands now. */
export const manualState = ({ memory }: Pick<Depot, 'memory'>): ManualState => ({
  overrides: memory.table(overrides),
  priorities: memory.table(priorities),
  limits: memory.table(operatingLimits),
})

/** What would stand after this fact. */
export const stateAfter = (state: ManualState, fact: Fact): ManualState => ({
  overrides: folded(overrides, state.overrides, fact),
  priorities: folded(priorities, state.priorities, fact),
  limits: folded(operatingLimits, state.limits, fact),
})

function folded<Row>(
  definition: ProjectionDefinition<Row>,
  table: ReadonlyMap<string, Row>,
  fact: Fact,
): ReadonlyMap<string, Row> {
  const stored = { seq: 0, recorded_at: fact.occurred_at, fact }
  const next = new Map(table)
  for (const key of definition.keys(stored)) {
    const row = definition.next(table.get(key), stored)
    if (row === undefined) next.delete(key)
    else next.set(key, row)
  }
  return next
}

/** The override that counts at an EVSE now. */
export function overrideAt(state: ManualState, key: EvseKey, now: Instant): Override | undefined {
  const found = state.overrides.get(key)
  return found !== undefined && found.until > now ? found : undefined
}

/** The operating limit that counts on a circuit now. */
export function operatingLimitOn(
  state: ManualState,
  circuit: CircuitId,
  now: Instant,
): OperatingLimit | undefined {
  const found = state.limits.get(circuit)
  return found !== undefined && (found.until === null || found.until > now) ? found : undefined
}
