import { messageOf } from '@busbar/model/depot-error.ts'
import type { StoredFact } from '../../../domain/facts.ts'
import type { ProjectionDefinition, ProjectionRow } from '../../../domain/ports/projections.ts'
import type { Sqlite } from './database.ts'

export type Definition = ProjectionDefinition<unknown>

/** The rows of every read model, in memory and in one table; `apply` counts only after `write` and `accept`. */
export class ProjectionRows {
  readonly #definitions: readonly Definition[]
  readonly #report: (problem: string) => void
  readonly #rows = new Map<string, Map<string, unknown>>()
  readonly #staged = new Map<string, Map<string, unknown>>()
  readonly #upsert
  readonly #remove

  constructor(
    db: Sqlite,
    table: 'projection' | 'projection_base',
    { definitions, report }: { definitions: readonly Definition[]; report: (problem: string) => void },
  ) {
    this.#definitions = definitions
    this.#report = report
    this.#upsert = db.prepare(
      `INSERT INTO ${table} (name, key, row) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET row = excluded.row`,
    )
    this.#remove = db.prepare(`DELETE FROM ${table} WHERE name = ? AND key = ?`)
    for (const { name } of definitions) this.#rows.set(name, new Map())
    const all = db.prepare<[], { name: string; key: string; row: string }>(
      `SELECT name, key, row FROM ${table}`,
    )
    for (const { name, key, row } of all.iterate()) this.#rows.get(name)?.set(key, JSON.parse(row))
  }

  /** Folds one fact. A read model that fails on it stays as it was: its fault may not cost the fact. */
  apply(stored: StoredFact): void {
    for (const definition of this.#definitions) {
      try {
        this.#fold(definition, stored)
      } catch (thrown) {
        this.#report(`read model "${definition.name}" failed on fact ${stored.seq}: ${messageOf(thrown)}`)
      }
    }
  }

  /** Writes what the facts changed, each row once. */
  write(): void {
    for (const [name, rows] of this.#staged)
      for (const [key, row] of rows)
        if (row === undefined) this.#remove.run(name, key)
        else this.#upsert.run(name, key, JSON.stringify(row))
  }

  accept(): void {
    for (const [name, staged] of this.#staged) {
      const rows = this.#rows.get(name)
      for (const [key, row] of staged)
        if (row === undefined) rows?.delete(key)
        else rows?.set(key, row)
    }
    this.#staged.clear()
  }

  discard(): void {
    this.#staged.clear()
  }

  /** Undefined when there is no such read model. */
  load(name: string): readonly ProjectionRow[] | undefined {
    const rows = this.#rows.get(name)
    return rows && [...rows].map(([key, row]) => ({ key, row }))
  }

  #fold(definition: Definition, stored: StoredFact): void {
    const rows = this.#rows.get(definition.name)
    const staged = this.#staged.get(definition.name) ?? new Map<string, unknown>()
    for (const key of definition.keys(stored)) {
      const row = staged.has(key) ? staged.get(key) : rows?.get(key)
      const next = definition.next(row, stored)
      if (next !== row) staged.set(key, next)
    }
    if (staged.size > 0) this.#staged.set(definition.name, staged)
  }
}
