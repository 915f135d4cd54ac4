import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DepotError } from '@busbar/model/depot-error.ts'
import { seconds } from '@busbar/units/time.ts'
import { createCloudLink } from '../adapters/cloud-link/create-cloud-link.ts'
import { stateSnapshot } from '../adapters/cloud-link/state-snapshot.ts'
import { chance } from '../adapters/host/host-clock.ts'
import type { SqliteStore } from '../adapters/sqlite/sqlite-store.ts'
import { createNoCloudLink } from '../domain/ports/cloud-link.none.ts'
import type { CloudLink } from '../domain/ports/cloud-link.ts'
import { type Parts, VERSION } from './parts.ts'

export async function startCloudLink({
  loaded,
  clock,
  log,
  control,
  store,
  bootNo,
}: Parts & { store: SqliteStore; bootNo: number }): Promise<CloudLink> {
  const { config } = loaded
  if (config.cloud === undefined) return createNoCloudLink(clock)
  const { text: password } = await loaded.secret(config.cloud.password)
  if (password === null)
    throw new DepotError(
      'config.secret',
      'cloud.password: env, file or virtual is needed, a hash is not enough',
    )
  const bootId = randomUUID()
  const link = createCloudLink({
    url: config.cloud.url,
    user: config.depot.id,
    password,
    depot: config.depot.id,
    factLog: store.factLog,
    clock,
    random: chance,
    boot: { bootId, bootNo, software: VERSION },
    log,
    ...(config.cloud.ca_file === undefined ? {} : { ca: await readFile(config.cloud.ca_file, 'utf8') }),
  })
  await link.start()
  const { epoch } = await store.factLog.head()
  const pictures = { n: 0, at: Number.NEGATIVE_INFINITY, problems: '' }
  control.onDecision(() => {
    const problems = control.openIncidents()
    const urgent = problems !== pictures.problems
    if (!urgent && clock.monotonic() - pictures.at < STATE_SPACING) return
    Object.assign(pictures, { n: pictures.n + 1, at: clock.monotonic(), problems })
    const { acked, unsent } = link.state()
    link.publishState(
      stateSnapshot(control.live(), { epoch, bootId, n: pictures.n, factsHead: acked + unsent }),
      urgent,
    )
  })
  return link
}

/** Between two pictures for the cloud, unless an incident came or went. */
const STATE_SPACING = seconds(5)
