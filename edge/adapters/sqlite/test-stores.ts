import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@busbar/model/clock.ts'
import { as } from '@busbar/model/ids.ts'
import { createSqliteStore, type SqliteStore, type StoreOptions } from './sqlite-store.ts'

/** Stores in folders of their own, for tests; `remove` stops and deletes them all. */
export class TestStores {
  readonly #clock: Clock
  readonly #folders: string[] = []
  readonly #stores: SqliteStore[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'busbar-store-'))
    this.#folders.push(folder)
    return folder
  }

  create(folder: string, options: Partial<StoreOptions> = {}): SqliteStore {
    const store = createSqliteStore({
      folder,
      clock: this.#clock,
      newEpoch: () => as('01979d3c-0000-7000-8000-000000000001'),
      projectionsModule: new URL('../../domain/ports/contract-projections.ts', import.meta.url).href,
      ...options,
    })
    this.#stores.push(store)
    return store
  }

  async started(folder: string, options: Partial<StoreOptions> = {}): Promise<SqliteStore> {
    const store = this.create(folder, options)
    await store.start()
    return store
  }

  async remove(): Promise<void> {
    await Promise.allSettled(this.#stores.splice(0).map((store) => store.stop()))
    await Promise.all(this.#folders.splice(0).map((folder) => rm(folder, { recursive: true })))
  }
}
