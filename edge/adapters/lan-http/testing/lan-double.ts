import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type VehicleId } from '@busbar/model/ids.ts'
import { milliseconds, toIso } from '@busbar/units/time.ts'
import type { Input, OutcomeTypes, Submit } from '../../../domain/inputs.ts'
import type { LiveSite } from '../../../domain/live-site.ts'
import { createMemoryDecisionLog } from '../../../domain/ports/decision-log.memory.ts'
import type { Warning } from '../../../domain/ports/health-sink.ts'
import type { TransactionRecord } from '../../../domain/ports/projections.ts'
import type { AccessOptions } from '../access.ts'
import type { LanApi } from '../app.ts'
import { siteMetrics } from '../metrics.ts'
import { createLanHttp, type LanHttp } from '../server.ts'

export const TOKENS = {
  viewer: 'viewer-token-0123456789',
  operator: 'operator-token-0123456789',
  engineer: 'engineer-token-0123456789',
  manager: 'manager-token-0123456789',
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** What the depot was told, and what becomes of it. */
interface Told {
  readonly inputs: Input[]
  readonly warnings: Warning[]
  readonly errors: unknown[]
  /** Windows that the transactions were asked for. */
  readonly windows: { from: number; to: number; limit: number }[]
  /** What becomes of facts from now on. */
  durable: Promise<void>
}

/** A depot that knows vehicle `bus-1` and station `A-01`, and remembers what it was told. */
export interface LanDouble extends Told {
  readonly http: LanHttp
  readonly url: string
  /** Part of the picture to show from now on. */
  show(part: Partial<LiveSite>): void
  /** How often the picture was asked for. */
  pictures(): number
  stop(): Promise<void>
}

export async function startLan(
  clock: Clock,
  loosened: Partial<AccessOptions> = {},
  files: LanApi['files'] = { room: null, inbox: () => [], images: () => [] },
): Promise<LanDouble> {
  const folder = await writePages()
  let site = picture(clock)
  let pictures = 0
  const live = () => {
    pictures++
    return { ...site, at: toIso(clock.now()) }
  }
  const told: Told = { inputs: [], warnings: [], errors: [], windows: [], durable: Promise.resolve() }
  const http = createLanHttp({
    listen: { host: '127.0.0.1', port: 0 },
    liveSpacing: milliseconds(250),
    api: {
      ...depotApi(told, { clock, live }),
      files,
      access: {
        tokens: (['viewer', 'operator', 'engineer', 'manager'] as const).map((role) => ({
          name: `the ${role}`,
          role,
          sha256: sha256(TOKENS[role]),
        })),
        local: true,
        open: false,
        names: ['depot.lan'],
        ...loosened,
      },
      pages: join(folder, 'dist'),
    },
  })
  await http.start()
  return Object.assign(told, {
    http,
    url: http.address(),
    show: (part: Partial<LiveSite>) => {
      site = { ...site, ...part }
    },
    pictures: () => pictures,
    stop: async () => {
      await http.stop()
      await rm(folder, { recursive: true })
    },
  })
}

async function writePages(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'busbar-lan-'))
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true })
  await writeFile(join(folder, 'dist', 'index.html'), '<!doctype html><title>Now</title>')
  await writeFile(join(folder, 'dist', 'assets', 'app.js'), 'export const page = 1')
  await writeFile(join(folder, 'secret.js'), 'not for the LAN')
  return folder
}

function depotApi(
  told: Told,
  { clock, live }: { clock: Clock; live: () => LiveSite },
): Omit<LanApi, 'access' | 'pages' | 'files'> {
  return {
    live,
    clock,
    trend: () => [{ at: toIso(clock.now()), import_w: 5000, building_w: null, vehicles_w: 0, limit_w: 9000 }],
    cloud: () => ({
      state: 'live',
      since: clock.now(),
      acked: 7,
      unsent: 0,
      oldestUnsentAt: null,
      reason: null,
    }),
    submit: submitTo(told),
    projections: {
      load: async () => [],
      rebuild: async () => undefined,
      transactions: async (window) => {
        told.windows.push(window)
        return [transaction]
      },
    },
    certificates: null,
    messages: {
      add: () => undefined,
      find: async () => ({ messages: [], next: null }),
      use: async () => ({ messages: 0, bytes: 0, capBytes: 1, from: null, dropped: 0 }),
    },
    series: {
      sources: async () => [],
      buckets: async () => [],
      samples: async () => [],
      use: async () => ({ bytes: 0, capBytes: 1, samplesFrom: null, minutesFrom: null, droppedForSpace: 0 }),
    },
    meters: noMeters,
    ...nothingByHand(clock),
    ...nobody,
    stations: new Set(['A-01']),
    stationViews: () => [],
    warnings: () => told.warnings,
    metrics: siteMetrics({
      live,
      backlog: () => ({ facts: 3, oldestMs: 1500 }),
      unsent: () => 4,
      warnings: () => told.warnings.length,
      decisionMs: () => 2,
    }),
    onError: (error) => told.errors.push(error),
  }
}

const noMeters: LanApi['meters'] = {
  list: () => [],
  report: () => null,
  bench: {
    inspect: async () => null,
    probe: async () => ({ failed: 'timeout', reason: 'no answer' }),
    profiles: () => [],
  },
}

const nobody: Pick<LanApi, 'authorization' | 'conformance' | 'waiting' | 'doubts' | 'variables'> = {
  conformance: {
    view: (station) => ({ at: '2026-11-21T17:00:00.000Z', station, run: null, evses: [] }),
    preview: () => null,
  },
  authorization: {
    tokens: () => [],
    reservations: () => [],
    localList: (station) => ({ station, version: 0, sure: false, id_tokens: [], answer: null, reason: null }),
  },
  waiting: () => [],
  doubts: () => [],
  variables: (station) => ({
    station,
    at: '2026-11-21T18:00:00Z',
    as_of: null,
    complete: false,
    overfull: false,
    reports: [],
    variables: [],
  }),
}

const nothingByHand = (clock: Clock): Pick<LanApi, 'manual' | 'why' | 'decisions'> => ({
  manual: {
    list: () => ({ at: toIso(clock.now()), overrides: [], priorities: [], operating_limits: [], acts: [] }),
    preview: () => 'there is no such thing',
  },
  why: () => null,
  decisions: createMemoryDecisionLog(),
})

/** Knows `bus-1` alone, and accepts every command. */
function submitTo(told: Told): Submit {
  const outcomeOf = (input: Input): OutcomeTypes[keyof OutcomeTypes] => {
    if (input.type === 'station-command')
      return Promise.resolve({ command: '1', status: 'accepted', reason: null })
    if (input.type !== 'departures-set') return undefined
    const vehicles = input.departures.map(({ vehicle }) => vehicle)
    const known = (vehicle: VehicleId) => vehicle === 'bus-1'
    return { accepted: vehicles.filter(known), unknown: vehicles.filter((vehicle) => !known(vehicle)) }
  }
  return ((input: Input) => {
    told.inputs.push(input)
    return { outcome: outcomeOf(input), durable: told.durable }
  }) as Submit
}

const transaction: TransactionRecord = {
  transaction: '7',
  station: 'A-01',
  evse: 1,
  vehicle: 'bus-1',
  id_token: 'TAG1',
  started_at: '2026-11-21T17:00:00.000Z',
  ended_at: null,
  energy_wh: 1200,
  reason: null,
}

const none = { l1: null, l2: null, l3: null }

function picture(clock: Clock): LiveSite {
  const at = toIso(clock.now())
  return {
    depot: { id: 'yard', name: 'Yard', virtual: true, time_zone: 'UTC' },
    at,
    clock: { quality: 'synced', scale: 1 },
    power: {
      import_w: 5000,
      building_w: 5000,
      vehicles_w: 0,
      limit_w: 9000,
      held_w: 0,
      headroom_w: 4000,
      measured_at: at,
      age_ms: 100,
      quality: 'live',
    },
    demand: null,
    binding: null,
    meters: [
      {
        id: 'm',
        name: 'Meter',
        role: 'grid',
        circuit: 'grid',
        quality: 'live',
        reason: null,
        measured_at: at,
        age_ms: 100,
        power_w: 5000,
        current_a: none,
      },
    ],
    circuits: [],
    stations: { total: 1, online: 1, charging: 0, faulted: 0, offline_reserved: 0 },
    evses: [],
    startup: [],
    incidents: [],
    departures: [
      {
        vehicle: as<VehicleId>('bus-1'),
        departure_at: at,
        evse: null,
        soc_pct: null,
        soc_needed_pct: 80,
        energy_needed_wh: null,
        energy_done_wh: null,
        readiness: 'no-data',
        ready_at: null,
        sentence: 'not plugged in',
      },
    ],
    tariff: null,
  }
}
