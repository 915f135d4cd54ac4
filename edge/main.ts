import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Clock } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { as, type Epoch, type MeterId, type StationId, type VehicleId } from '@busbar/model/ids.ts'
import { parseScaledTime } from '@busbar/model/scaled-time.ts'
import { amps, percent, wattHours, watts } from '@busbar/units/electricity.ts'
import { fromIso, milliseconds, minutes, seconds } from '@busbar/units/time.ts'
import {
  type RunningLanBroker,
  type SensorActivity,
  type SensorSource,
  startLanBroker,
} from './adapters/broker/start-lan-broker.ts'
import { createCloudLink } from './adapters/cloud-link/create-cloud-link.ts'
import { stateSnapshot } from './adapters/cloud-link/state-snapshot.ts'
import { Health } from './adapters/host/health.ts'
import { HostClock, stopwatch } from './adapters/host/host-clock.ts'
import { createLog, type Log } from './adapters/host/log.ts'
import { siteMetrics } from './adapters/lan-http/metrics.ts'
import { createLanHttp, type LanHttp } from './adapters/lan-http/server.ts'
import { configuredMeter } from './adapters/modbus/configured-meter.ts'
import { implausible } from './adapters/modbus/implausible.ts'
import { overbooked } from './adapters/modbus/line-budget.ts'
import { createModbusMeters, type MeterActivity, type MeterSource } from './adapters/modbus/modbus-meters.ts'
import { type Activity, type Csms, createCsms, type KnownStation } from './adapters/ocpp/csms.ts'
import { createSqliteStore, type SqliteStore } from './adapters/sqlite/sqlite-store.ts'
import { uuidV7 } from './adapters/sqlite/uuid-v7.ts'
import { isLoopback } from './config/cross-faults.ts'
import { type LoadedConfig, loadConfig } from './config/load-config.ts'
import { seriesLimits } from './config/series-limits.ts'
import { tariffAt } from './config/tariff.ts'
import { type Control, createControl } from './control/control.ts'
import { DEFAULT_POLICY } from './control/depot.ts'
import { createNoCloudLink } from './domain/ports/cloud-link.none.ts'
import type { CloudLink, CloudLinkState } from './domain/ports/cloud-link.ts'
import type { FactLog } from './domain/ports/fact-log.ts'
import type { Warning } from './domain/ports/health-sink.ts'
import type { MeterReadings } from './domain/ports/meter-readings.ts'
import type { StationCommands } from './domain/ports/station-commands.ts'
import { loadMeterProfiles } from './profiles/load-meter-profiles.ts'
import { loadStationProfiles } from './profiles/load-station-profiles.ts'
import type { StationProfiles } from './profiles/station-profiles.ts'

const VERSION = '0.1.0'
const PAGES = fileURLToPath(new URL('lan-ui/dist', import.meta.url))
const METER_PROFILES = fileURLToPath(new URL('../firmware-profiles/meters', import.meta.url))
const USAGE = 'node edge/main.ts --config FILE [--clock ANCHOR_MS,ORIGIN_MS,SCALE]'
/** On a fast clock a meter still has this much real time to answer. */
const METER_DEADLINE_MS = 500
/** Real time in which a device must have signed in at the broker. */
const BROKER_SIGN_IN_MS = 5000
/** Real time between two pictures on the live stream. */
const LIVE_SPACING_MS = 250

export interface EdgeOptions {
  readonly config: string
  /** The machine's clock when not given. */
  readonly clock?: Clock
  /** How many of the clock's seconds a real second has. */
  readonly scale?: number
  readonly log?: Log
}

/** A running depot controller. */
export interface Edge {
  readonly ocppAddress: string
  readonly httpAddress: string
  /** Of the LAN broker; null without one. */
  readonly mqttAddress: string | null
  readonly control: Control
  cloud(): CloudLinkState
  /** What is under way, so that a test can tell when all is quiet. */
  activity(): { ocpp: Activity; meters: MeterActivity; sensors: SensorActivity | null; storeBacklog: number }
  stop(): Promise<void>
}

type Undo = () => Promise<void> | void

/**
 * Starts a depot controller: store first, then state, then the doors. What was started is stopped again when a later
 * part fails.
 * @throws DepotError `config.…`, `store.…`, `http.listen`, `ocpp.listen`
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const undo: Undo[] = []
  const stop = async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step()
  }
  try {
    return { ...(await compose(options, undo)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function compose(options: EdgeOptions, undo: Undo[]): Promise<Omit<Edge, 'stop'>> {
  const loaded = await loadConfig(options.config)
  const { config } = loaded
  const clock = options.clock ?? new HostClock()
  const scale = options.scale ?? 1
  const log = options.log ?? createLog({ depot: config.depot.id, level: config.log_level, version: VERSION })
  const profiles = await loadStationProfiles()
  const health = new Health((event) => tellHealth(log, event))
  declareLoosened(loaded, health)

  await mkdir(loaded.dataFolder, { recursive: true })
  const store = createSqliteStore({
    folder: loaded.dataFolder,
    clock,
    newEpoch: () => as<Epoch>(uuidV7(clock.now(), randomBytes(10))),
    seriesCapBytes: config.series_max_mb * 1e6,
    seriesLimits: seriesLimits(loaded.site),
    onProblem: (text) => health.raise({ code: 'store.problem', severity: 2, text }),
  })
  const opened = await store.start()
  undo.push(() => store.stop())

  // The control loop commands stations through the CSMS, which hands it their messages: the ring is closed here.
  const line: { csms: Csms | null } = { csms: null }
  const commands: StationCommands = {
    send: (station, command, sending) =>
      line.csms === null
        ? Promise.resolve({ status: 'not-sent', reason: 'offline' })
        : line.csms.commands.send(station, command, sending),
  }
  const control = makeControl({ loaded, clock, scale, commands, factLog: store.factLog, health })
  await control.start(
    store.projections,
    ({ station, vendor, model, firmware }) =>
      profiles.resolve({ identity: station, vendor: vendor ?? '', model: model ?? '', firmware }).profile
        .capabilities,
  )
  undo.push(() => control.stop())
  noteStart(control, { loaded, bootNo: opened.bootNo, epoch: opened.head.epoch, first: opened.firstStart })

  const meters = await startMeters({ loaded, clock, log, control, scale })
  undo.push(() => meters.stop())
  const broker = await startBroker({ loaded, clock, log, control, scale })
  undo.push(() => broker?.stop())
  const csms = await makeCsms({ loaded, clock, log, control, profiles, health, scale })
  line.csms = csms
  const cloud = await startCloudLink({ loaded, clock, log, control, store, bootNo: opened.bootNo })
  undo.push(() => cloud.stop())
  const lan = await startLan({ loaded, clock, log, control, store, health, cloud, scale })
  undo.push(() => lan.stop())
  await csms.start()
  undo.push(() => csms.stop())

  const bound = csms.address()
  log.info(
    { 'event.name': 'edge.ready', ocpp: `ws://${bound.host}:${bound.port}`, http: lan.address() },
    'edge ready',
  )
  return {
    ocppAddress: `ws://${bound.host}:${bound.port}`,
    httpAddress: lan.address(),
    mqttAddress: broker?.address ?? null,
    control,
    cloud: () => cloud.state(),
    activity: () => ({
      ocpp: csms.activity(),
      meters: meters.activity(),
      sensors: broker?.activity() ?? null,
      storeBacklog: store.backlog().facts,
    }),
  }
}

function tellHealth(log: Log, event: Parameters<ConstructorParameters<typeof Health>[0]>[0]): void {
  if ('raised' in event) log.warn({ 'event.name': 'warning.raised', ...event.raised }, event.raised.text)
  else log.info({ 'event.name': 'warning.cleared', code: event.cleared.code }, 'warning cleared')
}

/** Named settings that loosen a rule stand as warnings. */
function declareLoosened({ config }: LoadedConfig, health: Health): void {
  if (config.lan_http.allow_unauthenticated_writes)
    health.raise({
      code: 'lan.open-writes',
      severity: 3,
      text: 'Anyone who reaches the LAN API may change departures and command stations',
    })
  for (const station of config.stations.filter(({ secret }) => secret === undefined))
    health.raise({
      code: `station.no-secret.${station.id}`,
      severity: 2,
      text: `Station ${station.id} is let in without a secret`,
    })
  if (
    config.broker !== undefined &&
    config.broker.tls === undefined &&
    !isLoopback(config.broker.listen.host)
  )
    health.raise({
      code: 'broker.plain',
      severity: 3,
      text: 'Devices on the LAN send their secrets and values to the broker without TLS',
    })
}

interface Parts {
  readonly loaded: LoadedConfig
  readonly clock: Clock
  readonly log: Log
  readonly control: Control
}

function makeControl(of: {
  loaded: LoadedConfig
  clock: Clock
  scale: number
  commands: StationCommands
  factLog: FactLog
  health: Health
}): Control {
  const { config, site, fleet } = of.loaded
  const { lease_s: leaseS, renew_s: renewS, rest_s: restS, startup_grace_s: startupGraceS } = config.balancing
  return createControl({
    setup: {
      site,
      fleet,
      stations: config.stations.map(({ id }) => as<StationId>(id)),
      policy: {
        ...DEFAULT_POLICY,
        leaseS,
        renewS,
        restS,
        startupGraceS,
        demandWindow: minutes(config.site.demand_window_min),
      },
    },
    deps: { clock: of.clock, factLog: of.factLog, commands: of.commands, health: of.health, stopwatch },
    particulars: {
      depot: {
        id: config.depot.id,
        name: config.depot.name,
        virtual: config.depot.virtual,
        time_zone: config.depot.time_zone,
      },
      clock: { quality: 'synced', scale: of.scale },
      tariff: () => tariffAt(config, of.clock.now()),
    },
    soon: (run) => setImmediate(run),
  })
}

/** The first facts of a log, of a run, and the departures of the file that nobody has set since. */
function noteStart(
  control: Control,
  of: { loaded: LoadedConfig; bootNo: number; epoch: Epoch; first: boolean },
): void {
  const { recorder } = control.depot
  const controller = { type: 'controller', id: of.loaded.config.depot.id } as const
  if (of.first)
    recorder.note([
      recorder.fact('EpochStarted', controller, {
        epoch: of.epoch,
        prev_epoch: null,
        prev_head: 0,
        cause: 'first-start',
      }),
    ])
  recorder.note([
    recorder.fact('ControllerStarted', controller, {
      boot_no: of.bootNo,
      software: VERSION,
      config_hash: of.loaded.hash,
    }),
  ])
  const listed = of.loaded.config.departures.map((departure) => ({
    vehicle: as<VehicleId>(departure.vehicle),
    departureAt: fromIso(departure.departure_at),
    energyNeededWh:
      departure.energy_needed_kwh === undefined ? null : wattHours(departure.energy_needed_kwh * 1000),
    socNeededPct: departure.soc_needed_pct === undefined ? null : percent(departure.soc_needed_pct),
  }))
  if (of.first && listed.length > 0)
    control.submit({ type: 'departures-set', departures: listed, by: 'depot.yaml' })
}

/** No true reading of a circuit's meter exceeds twice these. */
function plausibleAt({ site }: LoadedConfig, circuit: string): MeterSource['plausible'] {
  const ratings = [...site.circuits.values()].find(({ id }) => id === circuit)?.ratingA ?? {}
  const ratingA = Math.max(...Object.values(ratings).map(Number))
  return { nominalV: site.nominalV, maxA: amps(ratingA), maxW: watts(ratingA * 3 * site.nominalV) }
}

const submitter =
  (control: Control): Parameters<MeterReadings['start']>[0] =>
  (result) => {
    if ('reading' in result) control.submit({ type: 'meter-reading', ...result.reading })
    else control.submit({ type: 'meter-failure', ...result.failure })
  }

async function startMeters({ loaded, clock, log, control, scale }: Parts & { scale: number }) {
  const known = await loadMeterProfiles(METER_PROFILES)
  const sources = loaded.config.meters.flatMap((meter): MeterSource[] => {
    const { profile: name } = meter
    if (name === undefined) return []
    const profile = known.get(name)
    if (profile === undefined)
      throw new DepotError(
        'config.invalid',
        `meter ${meter.id}: no profile "${name}"; known: ${[...known.keys()].join(', ')}`,
      )
    const source = configuredMeter(meter, {
      profile,
      plausible: plausibleAt(loaded, meter.circuit),
      ...(scale > 1 ? { deadline: milliseconds(METER_DEADLINE_MS * scale) } : {}),
    })
    return source ? [source] : []
  })
  const tooMuch = overbooked(sources)
  if (tooMuch.length > 0) throw new DepotError('config.invalid', tooMuch.join('\n'))
  const meters = createModbusMeters({ meters: sources, clock, random: Math.random, log })
  await meters.start(submitter(control))
  return meters
}

/** Below this share of the rating the sign of power is noise. */
const NO_LOAD = 0.01

async function startBroker({
  loaded,
  clock,
  log,
  control,
  scale,
}: Parts & { scale: number }): Promise<RunningLanBroker | null> {
  const { broker, depot, meters } = loaded.config
  if (broker === undefined) return null
  const [key, cert] = await Promise.all(
    [broker.tls?.key_file, broker.tls?.cert_file].map((file) =>
      file === undefined ? null : readFile(file, 'utf8'),
    ),
  )
  const devices = broker.devices.map(async ({ id, secret, read }) => {
    const { sha256 } = await loaded.secret(secret)
    return { id, secrets: [Buffer.from(sha256, 'hex')], reads: read }
  })
  const sources = meters.flatMap((meter): SensorSource[] => {
    if (meter.mqtt === undefined) return []
    const plausible = plausibleAt(loaded, meter.circuit)
    return [
      {
        meter: as<MeterId>(meter.id),
        source: meter.mqtt.source,
        period: milliseconds(meter.poll_ms),
        noLoadW: NO_LOAD * plausible.nominalV * plausible.maxA,
        invert: meter.invert,
        implausible: (values) => implausible(values, plausible),
      },
    ]
  })
  return startLanBroker(
    {
      listen: broker.listen,
      tls: key != null && cert != null ? { key, cert } : null,
      depot: depot.id,
      devices: await Promise.all(devices),
      sources,
      signIn: milliseconds(BROKER_SIGN_IN_MS * scale),
      clock,
      log,
    },
    submitter(control),
  )
}

/** Stands until the controller restarts: somebody copied a station's secret, or two stations have one name. */
const duplicateIdentity = (event: { station: StationId; holder: string; newcomer: string }): Warning => ({
  code: `identity.duplicate.${event.station}`,
  severity: 1,
  text: `Station ${event.station} is connected from ${event.holder}; a second one claims its name from ${event.newcomer}`,
})

async function makeCsms({
  loaded,
  clock,
  log,
  control,
  profiles,
  health,
  scale,
}: Parts & { profiles: StationProfiles; health: Health; scale: number }): Promise<Csms> {
  const stations = await Promise.all(
    loaded.config.stations.map(async ({ id, secret }): Promise<KnownStation> => {
      return {
        id: as<StationId>(id),
        secretSha256: secret === undefined ? null : (await loaded.secret(secret)).sha256,
      }
    }),
  )
  return createCsms({
    listen: loaded.config.ocpp.listen,
    stations,
    clock,
    submit: control.submit,
    profiles,
    log,
    scale,
    onEvent: (event) => {
      log.warn({ 'event.name': `ocpp.${event.kind}`, ...event }, `OCPP: ${event.kind}`)
      if (event.kind === 'identity.duplicate') health.raise(duplicateIdentity(event))
    },
  })
}

async function startCloudLink({
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
    random: Math.random,
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

async function startLan(
  of: Parts & { store: SqliteStore; health: Health; cloud: CloudLink; scale: number },
): Promise<LanHttp> {
  const { loaded, clock, log, control, store, health, cloud } = of
  const { lan_http: lan, stations } = loaded.config
  const tokens = await Promise.all(
    lan.tokens.map(async (token) => ({ ...token, sha256: (await loaded.secret(token.secret)).sha256 })),
  )
  const http = createLanHttp({
    listen: lan.listen,
    liveSpacing: milliseconds(LIVE_SPACING_MS * of.scale),
    api: {
      live: control.live,
      trend: control.trend,
      cloud: () => cloud.state(),
      submit: control.submit,
      projections: store.projections,
      series: store.series,
      stations: new Set(stations.map(({ id }) => id)),
      warnings: () => health.warnings(),
      metrics: siteMetrics({
        live: control.live,
        backlog: () => store.backlog(),
        unsent: () => cloud.state().unsent,
        warnings: () => health.warnings().length,
        decisionMs: control.decisionMs,
      }),
      clock,
      access: {
        tokens,
        local: isLoopback(lan.listen.host),
        open: lan.allow_unauthenticated_writes,
        names: [lan.listen.host, ...lan.names],
      },
      onError: (error) =>
        log.error({ 'event.name': 'http.failed', 'exception.message': messageOf(error) }, 'a request failed'),
      pages: PAGES,
    },
  })
  await http.start()
  control.onDecision(() => http.changed())
  return http
}

/** Time that a stop may take before the process ends anyway. */
const STOP_DEADLINE = seconds(15)

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' }, clock: { type: 'string' } } })
  if (values.config === undefined) throw new DepotError('config.arguments', `--config is missing: ${USAGE}`)
  const time = values.clock === undefined ? undefined : parseScaledTime(values.clock)
  const clock = new HostClock(time)
  const edge = await startEdge({ config: values.config, clock, scale: clock.scale })
  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    new HostClock().timer(STOP_DEADLINE, () => process.exit(1))
    edge.stop().then(() => process.exit(0), fail)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(1)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  main().catch(fail)
