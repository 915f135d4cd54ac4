import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { Kysely, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { migrations } from './migrations.ts'
import type { Schema } from './schema.ts'
import { translate } from './translate-error.ts'

const INT8 = 20

/** Sequence numbers stay below 2^53, so a JavaScript number is exact. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format),
}

export interface OpenPostgres {
  readonly db: Kysely<Schema>
  close(): Promise<void>
}

/**
 * Connects and brings the tables up to date. `onError` hears of connections lost while idle; the pool replaces them.
 * @throws DepotError `store.unavailable` when the database cannot be reached, `store.migration` when it refuses a step
 */
export async function openPostgres(url: string, onError: (error: Error) => void): Promise<OpenPostgres> {
  const pool = new pg.Pool({ connectionString: url, max: 10, types, connectionTimeoutMillis: 10_000 })
  let closing = false
  const lost = (error: Error) => {
    if (!closing) onError(error)
  }
  pool.on('error', lost)
  // The pool listens to idle clients only: one that is lost between two statements of a transaction would end the core.
  pool.on('connect', (client) => client.on('error', lost))
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  try {
    await translate(async () => void (await pool.query('select 1')))
    const { error } = await new Migrator({ db, provider: migrations }).migrateToLatest()
    if (error) throw new DepotError('store.migration', `database: ${messageOf(error)}`, { cause: error })
    const close = () => {
      closing = true
      return db.destroy()
    }
    return { db, close }
  } catch (error) {
    await db.destroy()
    if (error instanceof DepotError) throw error
    throw new DepotError('store.unavailable', `database: ${messageOf(error)}`, { cause: error })
  }
}
