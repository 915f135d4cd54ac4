import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'

/**
 * Run as a process of its own by the loop benchmark, which has the clock: at `hold` it takes the write lock of the
 * facts in `folder`, so that the store can commit nothing, at `release` it lets go, and it says so. Argument: folder.
 */
const [folder = ''] = process.argv.slice(2)
const db = new Database(join(folder, 'facts.sqlite'), { timeout: 10_000 })

for await (const line of createInterface({ input: process.stdin })) {
  db.exec(line === 'hold' ? 'BEGIN IMMEDIATE' : 'ROLLBACK')
  writeSync(1, line === 'hold' ? 'held\n' : 'released\n')
}
db.close()
