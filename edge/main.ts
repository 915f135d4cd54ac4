import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Clock } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { parseScaledTime } from '@busbar/model/scaled-time.ts'
import { seconds } from '@busbar/units/time.ts'
import type { RunningLanBroker, SensorActivity } from './adapters/broker/start-lan-broker.ts'
import { watchClockQuality } from './adapters/host/clock-quality.ts'
import { Health } from './adapters/host/health.ts'
import { HostClock } from './adapters/host/host-clock.ts'
import { createLog, type Log } from './adapters/host/log.ts'
import type { LanHttp } from './adapters/lan-http/server.ts'
import type { MeterActivity } from './adapters/modbus/modbus-meters.ts'
import type { Activity, Csms } from './adapters/ocpp/csms.ts'
import { HighsPlanner } from './adapters/planner/highs-planner.ts'
import type { SqliteStore } from './adapters/sqlite/sqlite-store.ts'
import { startCloudLink } from './composition/cloud.ts'
import { makeControl, noteStart } from './composition/control.ts'
import { startLan } from './composition/lan.ts'
import { startMeters } from './composition/meters.ts'
import { VERSION } from './composition/parts.ts'
import { startBroker } from './composition/sensors.ts'
import { capabilitiesBy, stationProfilesFor } from './composition/station-profiles.ts'
import { lateLine, makeCsms } from './composition/stations.ts'
import { makeStore } from './composition/store.ts'
import { declareLoosened, tellHealth } from './composition/warnings.ts'
import { loadConfig } from './config/load-config.ts'
import type { Control } from './control/control.ts'
import type { CloudLink, CloudLinkState } from './domain/ports/cloud-link.ts'

const USAGE = 'node edge/main.ts --config FILE [--clock ANCHOR_MS,ORIGIN_MS,SCALE]'

export interface EdgeOptions {
  readonly config: string
  /** The machine's clock when not given. */
  readonly clock?: Clock
  /** How many of the clock's seconds a real second has. */
  readonly scale?: number
  readonly log?: Log
  /** Told when nothing can be stored any more; only a new start mends that. */
  readonly onLost?: (reason: string) => void
}

/** A running depot controller. */
export interface Edge {
  readonly ocppAddress: string
  /** Over TLS; null without it. */
  readonly secureOcppAddress: string | null
  readonly httpAddress: string
  /** Of the LAN broker; null without one. */
  readonly mqttAddress: string | null
  readonly control: Control
  cloud(): CloudLinkState
  /** What is under way, so that a test can tell when all is quiet. */
  activity(): {
    ocpp: Activity
    meters: MeterActivity
    sensors: SensorActivity | null
    storeBacklog: number
    recording: boolean
    planning: boolean
  }
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

/** A clock that was handed in, or that runs scaled for a demo, is the only one there is: nothing can be off it. */
const clockQualityOf = (options: EdgeOptions, clock: Clock) =>
  options.clock !== undefined && !(clock instanceof HostClock && clock.scale === 1)
    ? { now: () => 'synced' as const, stop: () => undefined }
    : watchClockQuality(clock)

async function compose(options: EdgeOptions, undo: Undo[]): Promise<Omit<Edge, 'stop'>> {
  const loaded = await loadConfig(options.config)
  const { config } = loaded
  const clock = options.clock ?? new HostClock()
  const scale = options.scale ?? 1
  const log = options.log ?? createLog({ depot: config.depot.id, level: config.log_level, version: VERSION })
  const profiles = await stationProfilesFor(loaded)
  const health = new Health((event) => tellHealth(log, event))
  declareLoosened(loaded, health)

  const store = await makeStore({ loaded, clock, log, health, onLost: (reason) => options.onLost?.(reason) })
  const opened = await store.start()
  undo.push(() => store.stop())

  // The control loop commands stations through the CSMS, which hands it their messages: the ring is closed here.
  const line = lateLine()
  const quality = await clockQualityOf(options, clock)
  undo.push(() => quality.stop())
  const planner = new HighsPlanner(new HostClock())
  undo.push(() => planner.stop())
  const control = makeControl({
    loaded,
    clock,
    clockQuality: quality.now,
    scale,
    commands: line,
    factLog: store.factLog,
    health,
    planner,
    decisions: store.decisions,
  })
  await control.start(store.projections, capabilitiesBy(loaded, profiles))
  undo.push(() => control.stop())
  noteStart(control, { loaded, bootNo: opened.bootNo, epoch: opened.head.epoch, first: opened.firstStart })

  const parts = { loaded, clock, log, control }
  const { meters, bench } = await startMeters({ ...parts, scale })
  undo.push(() => meters.stop())
  const broker = await startBroker({ ...parts, scale })
  undo.push(() => broker?.stop())
  const { csms, ...desks } = await makeCsms({ ...parts, profiles, health, scale, store, undo })
  line.connect({ ...csms.commands, ...csms.door })
  const cloud = await startCloudLink({ ...parts, store, bootNo: opened.bootNo })
  undo.push(() => cloud.stop())
  const lan = await startLan({ ...parts, ...desks, store, health, cloud, bench, scale })
  undo.push(() => lan.stop())
  await csms.start()
  undo.push(() => csms.stop())

  return running({ csms, lan, broker, control, cloud, meters, store, log })
}

interface RunningParts {
  readonly csms: Csms
  readonly lan: LanHttp
  readonly broker: RunningLanBroker | null
  readonly control: Control
  readonly cloud: CloudLink
  readonly meters: { activity(): MeterActivity }
  readonly store: SqliteStore
  readonly log: Log
}

/** The running controller as its caller sees it. */
function running({
  csms,
  lan,
  broker,
  control,
  cloud,
  meters,
  store,
  log,
}: RunningParts): Omit<Edge, 'stop'> {
  const bound = csms.address()
  const secure = csms.secureAddress()
  log.info(
    {
      'event.name': 'edge.ready',
      ocpp: `ws://${bound.host}:${bound.port}`,
      ocpp_tls: secure && `wss://${secure.host}:${secure.port}`,
      http: lan.address(),
    },
    'edge ready',
  )
  return {
    ocppAddress: `ws://${bound.host}:${bound.port}`,
    secureOcppAddress: secure && `wss://${secure.host}:${secure.port}`,
    httpAddress: lan.address(),
    mqttAddress: broker?.address ?? null,
    control,
    cloud: () => cloud.state(),
    activity: () => ({
      ocpp: csms.activity(),
      meters: meters.activity(),
      sensors: broker?.activity() ?? null,
      storeBacklog: store.backlog().facts,
      recording: control.depot.recorder.underway,
      planning: control.depot.planning.busy,
    }),
  }
}

/** Time that a stop may take before the process ends anyway. */
const STOP_DEADLINE = seconds(15)

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' }, clock: { type: 'string' } } })
  if (values.config === undefined) throw new DepotError('config.arguments', `--config is missing: ${USAGE}`)
  const time = values.clock === undefined ? undefined : parseScaledTime(values.clock)
  const clock = new HostClock(time)
  // Without a store no station is answered and nothing is kept: whoever watches over this process starts it anew.
  const onLost = (reason: string) => fail(new DepotError('store.failed', reason))
  const edge = await startEdge({ config: values.config, clock, scale: clock.scale, onLost })
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
