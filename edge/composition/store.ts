import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type Epoch } from '@busbar/model/ids.ts'
import type { Health } from '../adapters/host/health.ts'
import { createSqliteStore, type SqliteStore } from '../adapters/sqlite/sqlite-store.ts'
import { uuidV7 } from '../adapters/sqlite/uuid-v7.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { seriesLimits } from '../config/series-limits.ts'

/** The depot's store in its data folder, which is made when it is missing. */
export async function makeStore(loaded: LoadedConfig, clock: Clock, health: Health): Promise<SqliteStore> {
  await mkdir(loaded.dataFolder, { recursive: true })
  return createSqliteStore({
    folder: loaded.dataFolder,
    clock,
    newEpoch: () => as<Epoch>(uuidV7(clock.now(), randomBytes(10))),
    seriesCapBytes: loaded.config.series_max_mb * 1e6,
    seriesLimits: seriesLimits(loaded.site),
    onProblem: (text) => health.raise({ code: 'store.problem', severity: 2, text }),
  })
}
