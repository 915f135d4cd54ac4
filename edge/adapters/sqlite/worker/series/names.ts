import type { Sqlite } from '../database.ts'

/** A table of names with small ids, held in memory. `forget` after a transaction that was rolled back. */
export class NameTable {
  readonly #ids = new Map<string, number>()
  readonly #names = new Map<number, string>()
  readonly #insert
  readonly #all

  constructor(db: Sqlite, table: 'source' | 'quantity') {
    this.#insert = db.prepare(`INSERT INTO ${table} (name) VALUES (?)`)
    this.#all = db.prepare<[], { id: number; name: string }>(`SELECT id, name FROM ${table}`)
    this.forget()
  }

  /** The name's id; a new name gets one. */
  idOf(name: string): number {
    return this.known(name) ?? this.#keep(Number(this.#insert.run(name).lastInsertRowid), name)
  }

  known(name: string): number | undefined {
    return this.#ids.get(name)
  }

  nameOf(id: number): string {
    return this.#names.get(id) ?? ''
  }

  get ids(): readonly number[] {
    return [...this.#names.keys()]
  }

  forget(): void {
    this.#ids.clear()
    this.#names.clear()
    for (const { id, name } of this.#all.iterate()) this.#keep(id, name)
  }

  #keep(id: number, name: string): number {
    this.#ids.set(name, id)
    this.#names.set(id, name)
    return id
  }
}
