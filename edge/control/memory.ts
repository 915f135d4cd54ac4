import type { Instant } from '@busbar/units/time.ts'
import type { Fact, StoredFact } from '../domain/facts.ts'
import type { ProjectionDefinition, ProjectionRow } from '../domain/ports/projections.ts'
import { PROJECTIONS } from '../domain/projections.ts'

/**
 * The read models in memory, folded by the same functions as in the store. They run ahead of the disk: what is decided
 * counts at once, what is told to others waits for the commit.
 */
export class Memory {
  readonly #tables = new Map(PROJECTIONS.map((definition) => [definition.name, new Map<string, unknown>()]))

  /** Takes over the stored rows of one read model, at start. */
  restore(name: string, rows: readonly ProjectionRow[]): void {
    const table = this.#tables.get(name)
    for (const { key, row } of rows) table?.set(key, row)
  }

  apply(fact: Fact, recordedAt: Instant): void {
    const stored: StoredFact = { seq: 0, recorded_at: recordedAt, fact }
    for (const definition of PROJECTIONS) {
      const table = this.#tables.get(definition.name)
      if (table === undefined) continue
      for (const key of definition.keys(stored)) {
        const next = definition.next(table.get(key), stored)
        if (next === undefined) table.delete(key)
        else table.set(key, next)
      }
    }
  }

  /** The rows of a read model by key. */
  table<Row>(definition: ProjectionDefinition<Row>): ReadonlyMap<string, Row> {
    return (this.#tables.get(definition.name) ?? new Map()) as ReadonlyMap<string, Row>
  }
}
