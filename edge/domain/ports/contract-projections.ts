import type { StoredFact } from '../facts.ts'
import type { ProjectionDefinition } from './projections.ts'

type Definition = ProjectionDefinition<unknown>
type Connected = { connection: number; since: number; seq: number }

const connected: ProjectionDefinition<Connected> = {
  name: 'connected',
  keys: ({ fact }) =>
    fact.type === 'StationConnected' || fact.type === 'StationDisconnected' ? [fact.data.station] : [],
  next: (_row, { fact, seq }) =>
    fact.type === 'StationConnected'
      ? { connection: fact.data.connection, since: fact.occurred_at, seq }
      : undefined,
}

const counts: ProjectionDefinition<{ n: number }> = {
  name: 'counts',
  keys: ({ fact }) => ['all', fact.type],
  next: (row) => ({ n: (row?.n ?? 0) + 1 }),
}

const energy: ProjectionDefinition<{ wh: number }> = {
  name: 'energy',
  keys: ({ fact }: StoredFact) => (fact.type === 'TransactionEnergyRead' ? [fact.data.transaction] : []),
  next: (row, { fact }) =>
    fact.type === 'TransactionEnergyRead' && fact.data.energy_wh !== row?.wh
      ? { wh: fact.data.energy_wh }
      : row,
}

/** Small read models for the contract suites: one that adds and removes, one with two keys a fact, one that often stays. */
export const PROJECTIONS: readonly Definition[] = [connected, counts, energy].map(
  (each) => each as Definition,
)
