import type { EvseState } from '../../domain/live-site.ts'
import type { Need } from '../../domain/load-balancing/demand.ts'
import type { Depot } from '../depot.ts'
import type { Decision } from '../tick.ts'
import type { Words } from './words.ts'

/** What an EVSE's card says: its state, one true sentence, and the row that holds it. */
export interface Why {
  readonly state: EvseState
  readonly code: string
  readonly sentence: string
  readonly row: string | null
}

export const why = (state: EvseState, code: string, sentence: string, row: string | null = null): Why => ({
  state,
  code,
  sentence,
  row,
})

export interface ReasonContext {
  readonly depot: Depot
  readonly decision: Decision
  readonly words: Words
  readonly need: Need | null
}
