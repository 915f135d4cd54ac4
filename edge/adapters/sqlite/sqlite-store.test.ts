import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { milliseconds } from '@busbar/units/time.ts'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { batch, connected, histories, second, started } from '../../domain/ports/contract-facts.ts'
import { PROJECTIONS } from '../../domain/ports/contract-projections.ts'
import { brokenAt, factLogContract } from '../../domain/ports/fact-log.contract.ts'
import { projectionsContract, readModels } from '../../domain/ports/projections.contract.ts'
import { createMemoryStore } from '../../domain/ports/projections.memory.ts'
import { createSqliteStore, type SqliteStore, type StoreOptions } from './sqlite-store.ts'

const projectionsModule = new URL('../../domain/ports/contract-projections.ts', import.meta.url).href
const epoch = '01979d3c-0000-7000-8000-000000000001'
const folders: string[] = []
const stores: SqliteStore[] = []

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'busbar-store-'))
  folders.push(folder)
  return folder
}

function create(folder: string, options: Partial<StoreOptions> = {}): SqliteStore {
  const store = createSqliteStore({
    folder,
    clock: new FakeClock(),
    newEpoch: () => as(epoch),
    projectionsModule,
    ...options,
  })
  stores.push(store)
  return store
}

afterEach(async () => {
  await Promise.allSettled(stores.splice(0).map((store) => store.stop()))
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

async function open() {
  const store = create(await newFolder())
  await store.start()
  return { ...store, factLog: store.factLog, projections: store.projections, close: () => store.stop() }
}

factLogContract('the SQLite store', open)
projectionsContract('the SQLite store', open)
