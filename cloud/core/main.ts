import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Clock } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { parseScaledTime } from '@busbar/model/scaled-time.ts'
import { getRequestListener } from '@hono/node-server'
import { EmbeddedBroker } from './adapters/broker/embedded-broker.ts'
import { createLog, type Logger, logObservation } from './adapters/host/log.ts'
import { Metrics } from './adapters/host/metrics.ts'
import { SystemClock } from './adapters/host/system-clock.ts'
import { EmbeddedPostgres } from './adapters/postgres/embedded-postgres.ts'
import { openPostgres } from './adapters/postgres/open-postgres.ts'
import { PostgresFleetStore } from './adapters/postgres/postgres-fleet-store.ts'
import { createApp } from './api/app.ts'
import { LiveFleet } from './api/live-fleet.ts'
import type { CloudConfig, CloudConfigInput } from './config/cloud-config.ts'
import { checkConfig, isLoopback, readConfig } from './config/read-config.ts'
import { depotCredentials, fromEnvironment } from './config/secrets.ts'
import type { Observe } from './domain/observation.ts'
import { Fleet } from './ingest/fleet.ts'
import { Ingest } from './ingest/ingest.ts'

export interface CloudOptions {
  /** As in the configuration file; relative paths count from the working folder. */
  readonly config: CloudConfigInput
  /** The machine's clock when not given. */
  readonly clock?: Clock
  /** How many of the clock's seconds a real second has. */
  readonly scale?: number
  readonly log?: Logger
  /** Folder of the built dashboard. */
  readonly pages?: string
}

/** A running fleet cloud. */
export interface Cloud {
  /** `http://HOST:PORT` */
  readonly httpAddress: string
  /** `mqtt://HOST:PORT`, or `mqtts` */
  readonly mqttAddress: string
  stop(): Promise<void>
}

type Undo = () => Promise<void> | void

/**
 * Starts the whole cloud: database, ingest, API. What was started is stopped again when a later part fails.
 * @throws DepotError `config.…`, `store.…`, `broker.listen`, `http.listen`
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const undo: Undo[] = []
  const stop = async () => {
    for (let step = undo.pop(); step; step = undo.pop()) await step()
  }
  try {
    return { ...(await startParts(options, undo)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startParts(options: CloudOptions, undo: Undo[]): Promise<Omit<Cloud, 'stop'>> {
  const config = checkConfig(options.config, process.cwd())
  const { clock = new SystemClock(), scale = 1, log = createLog() } = options
  const metrics = new Metrics()
  const known = new Set(config.depots.map(({ id }) => id))
  const observe: Observe = (seen) => {
    metrics.observe(seen, known.has(seen.depot))
    logObservation(log, seen)
  }
  const store = await openStore(config, log, undo)
  const fleet = new Fleet({ name: config.fleet.name, clock, scale, depots: config.depots })
  await store.registerDepots(config.depots)
  await fleet.restore(store)
  const broker = await createBroker(config, { clock, observe })
  const ingest = new Ingest({ link: broker, store, fleet, clock, observe, depots: config.depots })
  undo.push(() => ingest.stop())
  await ingest.start()
  const source = Object.assign(fleet, {
    refresh: () =>
      fleet
        .refreshTotals(store)
        .catch((error) => log.error({ 'event.name': 'cloud.totals' }, messageOf(error))),
  })
  const live = new LiveFleet(source)
  live.start(clock, scale)
  const app = createApp({
    ...{ fleet: source, live, store, clock },
    access: accessOf(config),
    metrics: async () => ({ text: await metrics.text(gaugesOf(fleet)), contentType: metrics.contentType }),
    onError: (error) => log.error({ 'event.name': 'cloud.request' }, messageOf(error)),
    pages: options.pages ?? fileURLToPath(new URL('../dashboard/dist', import.meta.url)),
  })
  const httpAddress = await listen(app.fetch, config.http, undo)
  undo.push(() => live.stop())
  return { httpAddress, mqttAddress: broker.address }
}

async function openStore(config: CloudConfig, log: Logger, undo: Undo[]): Promise<PostgresFleetStore> {
  await mkdir(config.data_folder, { recursive: true, mode: 0o700 })
  const url = await databaseUrl(config, log, undo)
  const { db, close } = await openPostgres(url, (error) =>
    log.warn({ 'event.name': 'store.connection' }, error.message),
  )
  undo.push(close)
  return new PostgresFleetStore(db)
}

async function databaseUrl(
  { database, data_folder }: CloudConfig,
  log: Logger,
  undo: Undo[],
): Promise<string> {
  if ('url' in database) return database.url
  if ('url_env' in database) return fromEnvironment(database.url_env, 'database.url_env')
  const onLine = (line: string) => log.debug({ 'event.name': 'store.postgres' }, line)
  // The server needs real time to start and stop, also where the fleet's clock runs faster or stands still.
  const server = new EmbeddedPostgres({
    folder: join(data_folder, 'database'),
    clock: new SystemClock(),
    onLine,
  })
  undo.push(() => server.stop())
  return server.start()
}

async function createBroker(
  config: CloudConfig,
  wiring: { clock: Clock; observe: Observe },
): Promise<EmbeddedBroker> {
  const { host, port, tls } = config.mqtt
  const read = (path: string) =>
    readFile(path, 'utf8').catch((cause) => {
      throw new DepotError('config.secret', `mqtt.tls: ${messageOf(cause)}`, { cause })
    })
  const pair = tls ? { key: await read(tls.key), cert: await read(tls.cert) } : null
  return new EmbeddedBroker({ host, port, tls: pair, credentials: await depotCredentials(config), ...wiring })
}

const accessOf = ({ http }: CloudConfig) => ({
  names: new Set([http.host, 'localhost', '127.0.0.1', '::1', ...http.names]),
  tokens: isLoopback(http.host) && http.tokens.length === 0 ? null : http.tokens,
})

const gaugesOf = (fleet: Fleet) =>
  fleet.view().depots.map(({ id, facts, link }) => ({
    depot: id,
    committed: facts.committed,
    missing: facts.missing,
    live: link.state === 'live',
  }))

async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  at: CloudConfig['http'],
  undo: Undo[],
) {
  const server = createServer(getRequestListener(fetch))
  undo.push(async () => {
    server.close()
    server.closeAllConnections()
  })
  server.listen(at.port, at.host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new DepotError('http.listen', `HTTP ${at.host}:${at.port}: ${messageOf(cause)}`, { cause })
  }
  const address = server.address()
  return `http://${at.host}:${typeof address === 'object' && address ? address.port : at.port}`
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' }, clock: { type: 'string' } } })
  if (!values.config) throw new DepotError('config.arguments', 'expected --config FILE')
  const time = values.clock ? parseScaledTime(values.clock) : null
  const config = await readConfig(values.config)
  const log = createLog()
  const cloud = await startCloud({
    config,
    log,
    ...(time && { clock: new SystemClock(time), scale: time.scale }),
  })
  log.info(
    { 'event.name': 'cloud.started', http: cloud.httpAddress, mqtt: cloud.mqttAddress },
    'fleet cloud runs',
  )
  const ended = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.resolve())
  await ended.promise
  await cloud.stop()
  log.info({ 'event.name': 'cloud.stopped' }, 'fleet cloud stopped')
}

if (import.meta.main)
  main().catch((error) => {
    process.stderr.write(`${messageOf(error)}\n`)
    process.exitCode = 1
  })
