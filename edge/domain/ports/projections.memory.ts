import { DepotError } from '@busbar/model/depot-error.ts'
import type { Epoch } from '@busbar/model/ids.ts'
import { type Instant, toIso } from '@busbar/units/time.ts'
import type { StoredFact } from '../facts.ts'
import { storedFact } from './fact-line.ts'
import { MemoryFactLog, type Sha256 } from './fact-log.memory.ts'
import type { ProjectionDefinition, ProjectionRow, Projections, TransactionRecord } from './projections.ts'

type Definition = ProjectionDefinition<unknown>
type Window = { from: Instant; to: Instant; limit: number }

/** The double of the read models: folds the log of its fact log anew whenever it is asked. */
export class MemoryProjections implements Projections {
  readonly #log: MemoryFactLog
  readonly #definitions: readonly Definition[]

  constructor(log: MemoryFactLog, definitions: readonly Definition[]) {
    this.#log = log
    this.#definitions = definitions
  }

  async load(name: string): Promise<readonly ProjectionRow[]> {
    const definition = this.#definitions.find((each) => each.name === name)
    if (definition === undefined) throw new DepotError('store.failed', `there is no read model "${name}"`)
    const rows = new Map<string, unknown>()
    for (const stored of await this.#facts()) fold(definition, rows, stored)
    return [...rows].map(([key, row]) => ({ key, row }))
  }

  async rebuild(): Promise<void> {
    await this.#facts()
  }

  async transactions({ from, to, limit }: Window): Promise<readonly TransactionRecord[]> {
    const records = new Map<string, TransactionRecord>()
    for (const stored of await this.#facts()) follow(records, stored)
    return [...records.values()]
      .filter(
        ({ started_at, ended_at }) =>
          started_at <= toIso(to) && (ended_at === null || ended_at >= toIso(from)),
      )
      .reverse()
      .sort((a, b) => (a.started_at < b.started_at ? 1 : a.started_at > b.started_at ? -1 : 0))
      .slice(0, limit)
  }

  async #facts(): Promise<readonly StoredFact[]> {
    const records = await this.#log.read(0, Number.POSITIVE_INFINITY)
    return records.map(({ line }) => storedFact(line))
  }
}

function fold(definition: Definition, rows: Map<string, unknown>, stored: StoredFact): void {
  for (const key of definition.keys(stored)) {
    const row = definition.next(rows.get(key), stored)
    if (row === undefined) rows.delete(key)
    else rows.set(key, row)
  }
}

function follow(records: Map<string, TransactionRecord>, { fact }: StoredFact): void {
  if (fact.type === 'TransactionStarted') {
    const { transaction, station, evse, vehicle, id_token, started_at } = fact.data
    const open = { ended_at: null, energy_wh: 0, reason: null }
    if (!records.has(transaction))
      records.set(transaction, {
        transaction,
        station,
        evse,
        vehicle,
        id_token,
        started_at: toIso(started_at),
        ...open,
      })
    return
  }
  if (fact.type === 'TransactionAuthorized' || fact.type === 'TransactionStartTold') {
    const { transaction } = fact.data
    const record = records.get(transaction)
    const told =
      fact.type === 'TransactionAuthorized'
        ? { vehicle: fact.data.vehicle, id_token: fact.data.id_token }
        : { started_at: toIso(fact.data.started_at) }
    if (record !== undefined) records.set(transaction, { ...record, ...told })
    return
  }
  const ends = fact.type === 'TransactionEnded' || fact.type === 'TransactionCorrected'
  if (fact.type !== 'TransactionEnergyRead' && !ends) return
  const { transaction, energy_wh } = fact.data
  const record = records.get(transaction)
  if (record === undefined || (record.ended_at !== null && fact.type !== 'TransactionCorrected')) return
  const end = ends && {
    ended_at: toIso(fact.data.ended_at),
    reason: fact.data.reason,
  }
  records.set(transaction, { ...record, energy_wh, ...end })
}

/** What the memory store is made of. */
export interface MemoryStoreOptions {
  readonly epoch: Epoch
  readonly hash: Sha256
  readonly projections: readonly Definition[]
}

/** Both store ports over one list in memory, for tests of whoever uses them. */
export function createMemoryStore({ epoch, hash, projections }: MemoryStoreOptions): {
  readonly factLog: MemoryFactLog
  readonly projections: MemoryProjections
} {
  const factLog = new MemoryFactLog(epoch, hash)
  return { factLog, projections: new MemoryProjections(factLog, projections) }
}
