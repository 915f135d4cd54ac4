import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import Database from 'better-sqlite3'

export type Sqlite = Database.Database

const BUSY_MS = 30_000

/** What SQLite says, with its code, for people and for the log. */
export const reasonOf = (thrown: unknown): string =>
  thrown instanceof Database.SqliteError ? `${thrown.code}: ${thrown.message}` : messageOf(thrown)

/** True when a value did not fit its table, which fails the statement alone. */
export const isConstraint = (thrown: unknown): boolean =>
  thrown instanceof Database.SqliteError && thrown.code.startsWith('SQLITE_CONSTRAINT')

/** Anything thrown as a DepotError; damage is told apart from a disk that may come back. */
export function storeError(thrown: unknown): DepotError {
  if (thrown instanceof DepotError) return thrown
  const damaged = thrown instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(thrown.code)
  return new DepotError(damaged ? 'store.corrupt' : 'store.failed', reasonOf(thrown), { cause: thrown })
}

/** Opens a file so that a commit is on disk when it returns, and brings its tables up to date. */
export function openDatabase(path: string, migrations: readonly string[]): Sqlite {
  const db = new Database(path, { timeout: BUSY_MS })
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma('journal_size_limit = 67108864')
    migrate(db, migrations)
    return db
  } catch (thrown) {
    db.close()
    throw thrown
  }
}

/**
 * Takes the data folder for this process. The lock is the operating system's, so it ends with the process, however
 * that ends.
 * @throws DepotError `store.locked`
 */
export function lockFolder(folder: string): Sqlite {
  const db = new Database(`${folder}/lock.sqlite`, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (thrown) {
    db.close()
    if (!(thrown instanceof Database.SqliteError) || !thrown.code.startsWith('SQLITE_BUSY')) throw thrown
    throw new DepotError('store.locked', `another process is using ${folder}`, { cause: thrown })
  }
}

/** @throws DepotError `store.corrupt` */
export function quickCheck(db: Sqlite): void {
  const verdict = db.pragma('quick_check(1)', { simple: true })
  if (verdict !== 'ok') throw new DepotError('store.corrupt', `${db.name}: ${String(verdict)}`)
}

/** Runs `work` in one transaction; all of it counts, or none. */
export function atomically<T>(db: Sqlite, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (thrown) {
    if (db.inTransaction) db.exec('ROLLBACK')
    throw thrown
  }
}

function migrate(db: Sqlite, migrations: readonly string[]): void {
  const done = Number(db.pragma('user_version', { simple: true }))
  for (const [index, step] of migrations.entries())
    if (index >= done)
      atomically(db, () => {
        db.exec(step)
        db.pragma(`user_version = ${index + 1}`)
      })
}
