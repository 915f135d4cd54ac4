import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { Instant } from '@busbar/units/time.ts'
import { storedFact } from '../../../domain/ports/fact-line.ts'
import type { ProjectionRow } from '../../../domain/ports/projections.ts'
import type { AppendItem, StoreOpened, WorkerOptions } from '../messages.ts'
import { DECISION_MIGRATIONS } from '../migrations/decision-log.ts'
import { FACTS_MIGRATIONS } from '../migrations/facts.ts'
import { MESSAGE_MIGRATIONS } from '../migrations/message-log.ts'
import { RAW_MIGRATIONS } from '../migrations/raw.ts'
import {
  atomically,
  lockFolder,
  openDatabase,
  quickCheck,
  reasonOf,
  type Sqlite,
  storeError,
} from './database.ts'
import { DecisionTable } from './decision-table.ts'
import { FactLogTable } from './fact-log.ts'
import { MessageTable } from './message-table.ts'
import { type Definition, ProjectionRows } from './projection-rows.ts'
import { TransactionRecords } from './projections/transaction-records.ts'
import { RawSamples } from './raw-samples.ts'

interface Models {
  readonly definitions: readonly Definition[]
  readonly report: (problem: string) => void
}

/** Changes when a read model is added or its fold is edited, so that rows of an older fold are not taken for current. */
const fingerprint = (definitions: readonly Definition[]): string =>
  createHash('sha256')
    .update(definitions.map(({ name, keys, next }) => `${name}\n${keys}\n${next}`).join('\n'))
    .digest('hex')

/** All files of a data folder, open. All of it is synchronous: it runs in the worker. */
export class Store {
  readonly log: FactLogTable
  readonly transactions: TransactionRecords
  readonly samples: RawSamples
  readonly messages: MessageTable
  readonly decisions: DecisionTable
  readonly #lock: Sqlite
  readonly #facts: Sqlite
  readonly #raw: Sqlite
  readonly #log: Sqlite
  readonly #decisions: Sqlite
  readonly #models: Models
  #rows: ProjectionRows

  constructor(
    { folder, newEpoch, series, messageCapBytes, decisionCapBytes }: WorkerOptions,
    models: Models,
  ) {
    this.#models = models
    mkdirSync(folder, { recursive: true })
    this.#lock = lockFolder(folder)
    this.#facts = openDatabase(`${folder}/facts.sqlite`, FACTS_MIGRATIONS)
    quickCheck(this.#facts)
    this.log = new FactLogTable(this.#facts, newEpoch)
    this.log.checkTail()
    this.transactions = new TransactionRecords(this.#facts, models.report)
    this.#rows = new ProjectionRows(this.#facts, 'projection', models)
    this.#raw = openSpare(`${folder}/raw.sqlite`, { migrations: RAW_MIGRATIONS, report: models.report })
    this.samples = new RawSamples(this.#raw, series, models.report)
    const log = { migrations: MESSAGE_MIGRATIONS, report: models.report }
    this.#log = openSpare(`${folder}/messages.sqlite`, log)
    this.messages = new MessageTable(this.#log, messageCapBytes)
    const decisions = { migrations: DECISION_MIGRATIONS, report: models.report }
    this.#decisions = openSpare(`${folder}/decisions.sqlite`, decisions)
    this.decisions = new DecisionTable(this.#decisions, decisionCapBytes)
  }

  /** Counts the start and brings the read models in line with their definitions. */
  opened(): StoreOpened {
    const now = fingerprint(this.#models.definitions)
    const stale = this.log.row().projection_set !== now && this.log.seq > 0
    if (stale) this.rebuild()
    this.#facts.prepare('UPDATE log SET boot_no = boot_no + 1, projection_set = ?').run(now)
    return { head: this.log.head(), bootNo: this.log.row().boot_no, firstStart: this.log.seq === 0 }
  }

  /** Begins a group; nothing of it counts before `commit`. */
  begin(): void {
    this.#facts.exec('BEGIN IMMEDIATE')
  }

  add({ facts, recordedAt }: AppendItem): void {
    for (const text of facts) {
      const stored = storedFact(this.log.add(text, recordedAt))
      this.#rows.apply(stored)
      this.transactions.apply(stored)
    }
  }

  commit(): void {
    this.#rows.write()
    this.#facts.exec('COMMIT')
    this.log.accept()
    this.#rows.accept()
  }

  rollback(): void {
    this.log.discard()
    this.#rows.discard()
    if (this.#facts.inTransaction) this.#facts.exec('ROLLBACK')
  }

  load(name: string): readonly ProjectionRow[] {
    const rows = this.#rows.load(name)
    if (rows === undefined) throw new DepotError('store.failed', `there is no read model "${name}"`)
    return rows
  }

  rebuild(): void {
    this.#rows = atomically(this.#facts, () => {
      const { floor } = this.log.row()
      this.#facts.exec('DELETE FROM projection; INSERT INTO projection SELECT * FROM projection_base')
      this.transactions.clear(floor)
      const rows = new ProjectionRows(this.#facts, 'projection', this.#models)
      for (const line of this.log.lines(floor - 1, this.log.seq)) {
        const stored = storedFact(line)
        rows.apply(stored)
        this.transactions.apply(stored)
      }
      rows.write()
      rows.accept()
      return rows
    })
  }

  /** Prunes one piece of the log; what its facts said goes on in the base rows. */
  trim(before: Instant, standAlone: boolean): { floor: number; done: boolean } {
    const { floor } = this.log.row()
    const through = this.log.prunable(before, standAlone)
    if (through < floor) return { floor, done: true }
    atomically(this.#facts, () => {
      const base = new ProjectionRows(this.#facts, 'projection_base', this.#models)
      for (const line of this.log.lines(floor - 1, through)) base.apply(storedFact(line))
      base.write()
      this.log.prune(through)
    })
    return { floor: through + 1, done: false }
  }

  close(): void {
    for (const db of [this.#decisions, this.#log, this.#raw, this.#facts, this.#lock]) db.close()
  }
}

interface Spare {
  readonly migrations: readonly string[]
  readonly report: (problem: string) => void
}

/** Raw values and frames are worth two weeks of looking back, not a controller that does not start: a damaged file is set aside. */
function openSpare(path: string, { migrations, report }: Spare): Sqlite {
  try {
    return openDatabase(path, migrations)
  } catch (thrown) {
    if (storeError(thrown).code !== 'store.corrupt') throw thrown
    for (const suffix of ['', '-wal', '-shm'])
      if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.damaged${suffix}`)
    report(`${path} was damaged (${reasonOf(thrown)}); it is set aside as ${path}.damaged`)
    return openDatabase(path, migrations)
  }
}
