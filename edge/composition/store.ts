import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type Epoch } from '@busbar/model/ids.ts'
import type { Health } from '../adapters/host/health.ts'
import type { Log } from '../adapters/host/log.ts'
import { createSqliteStore, type SqliteStore } from '../adapters/sqlite/sqlite-store.ts'
import { uuidV7 } from '../adapters/sqlite/uuid-v7.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { seriesLimits } from '../config/series-limits.ts'

interface StoreParts {
  readonly loaded: LoadedConfig
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  /** Told once when the store is gone for good. */
  readonly onLost: (reason: string) => void
}

/** The depot's store in its data folder, which is made when it is missing. */
export async function makeStore({ loaded, clock, log, health, onLost }: StoreParts): Promise<SqliteStore> {
  await mkdir(loaded.dataFolder, { recursive: true })
  return createSqliteStore({
    folder: loaded.dataFolder,
    clock,
    newEpoch: () => as<Epoch>(uuidV7(clock.now(), randomBytes(10))),
    seriesCapBytes: loaded.config.series_max_mb * 1e6,
    messageCapBytes: loaded.config.message_log_max_mb * 1e6,
    seriesLimits: seriesLimits(loaded.site),
    onProblem: (text) => health.raise({ code: 'store.problem', severity: 2, text }),
    onLost: (reason) => {
      log.error({ 'event.name': 'store.lost', reason }, `the store is gone: ${reason}`)
      onLost(reason)
    },
  })
}
