import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { as, type VehicleId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { milliseconds, toIso } from '@busbar/units/time.ts'
import type { Input, OutcomeTypes, Submit } from '../../../domain/inputs.ts'
import type { LiveSite } from '../../../domain/live-site.ts'
import type { Warning } from '../../../domain/ports/health-sink.ts'
import type { TransactionRecord } from '../../../domain/ports/projections.ts'
import type { AccessOptions } from '../access.ts'
import { siteMetrics } from '../metrics.ts'
import { createLanHttp, type LanHttp } from '../server.ts'

export const TOKENS = { viewer: 'viewer-token-0123456789', operator: 'operator-token-0123456789' }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A depot that knows vehicle `bus-1` and station `A-01`, and remembers what it was told. */
export interface LanDouble {
  readonly http: LanHttp
  readonly url: string
  readonly clock: FakeClock
  readonly inputs: Input[]
  readonly warnings: Warning[]
  readonly errors: unknown[]
  /** Windows that the transactions were asked for. */
  readonly windows: { from: number; to: number; limit: number }[]
  /** Part of the picture to show from now on. */
  show(part: Partial<LiveSite>): void
  /** How often the picture was asked for. */
  pictures(): number
  /** What becomes of facts from now on. */
  durable: Promise<void>
  stop(): Promise<void>
}

export async function startLan(loosened: Partial<AccessOptions> = {}): Promise<LanDouble> {
  const clock = new FakeClock()
  const folder = await mkdtemp(join(tmpdir(), 'busbar-lan-'))
  const pages = join(folder, 'dist')
  await mkdir(join(pages, 'assets'), { recursive: true })
  await writeFile(join(pages, 'index.html'), '<!doctype html><title>Now</title>')
  await writeFile(join(pages, 'assets', 'app.js'), 'export const page = 1')
  await writeFile(join(folder, 'secret.js'), 'not for the LAN')
  let site = picture(clock)
  let pictures = 0
  const live = () => {
    pictures++
    return { ...site, at: toIso(clock.now()) }
  }
  const double: Omit<LanDouble, 'http' | 'url' | 'stop'> = {
    clock,
    inputs: [],
    warnings: [],
    errors: [],
    windows: [],
    show: (part) => {
      site = { ...site, ...part }
    },
    pictures: () => pictures,
    durable: Promise.resolve(),
  }
  const whole = double as LanDouble
  const http = createLanHttp({
    listen: { host: '127.0.0.1', port: 0 },
    liveSpacing: milliseconds(250),
    api: {
      live,
      trend: () => [
        { at: toIso(clock.now()), import_w: 5000, building_w: null, vehicles_w: 0, limit_w: 9000 },
      ],
      cloud: () => ({
        state: 'live',
        since: clock.now(),
        acked: 7,
        unsent: 0,
        oldestUnsentAt: null,
        reason: null,
      }),
      submit: submitTo(whole),
      projections: {
        load: async () => [],
        rebuild: async () => undefined,
        transactions: async (window) => {
          double.windows.push(window)
          return [transaction]
        },
      },
      stations: new Set(['A-01']),
      warnings: () => double.warnings,
      metrics: siteMetrics({
        live,
        backlog: () => ({ facts: 3, oldestMs: 1500 }),
        unsent: () => 4,
        warnings: () => double.warnings.length,
        decisionMs: () => 2,
      }),
      clock,
      access: {
        tokens: (['viewer', 'operator'] as const).map((role) => ({
          name: `the ${role}`,
          role,
          sha256: sha256(TOKENS[role]),
        })),
        local: true,
        open: false,
        names: ['depot.lan'],
        ...loosened,
      },
      onError: (error) => double.errors.push(error),
      pages,
    },
  })
  await http.start()
  const stop = async () => {
    await http.stop()
    await rm(folder, { recursive: true })
  }
  return Object.assign(whole, { http, url: http.address(), stop })
}

/** Knows `bus-1` alone, and accepts every command. */
function submitTo(double: LanDouble): Submit {
  const outcomeOf = (input: Input): OutcomeTypes[keyof OutcomeTypes] => {
    if (input.type === 'station-command')
      return Promise.resolve({ command: '1', status: 'accepted', reason: null })
    if (input.type !== 'departures-set') return undefined
    const vehicles = input.departures.map(({ vehicle }) => vehicle)
    const known = (vehicle: VehicleId) => vehicle === 'bus-1'
    return { accepted: vehicles.filter(known), unknown: vehicles.filter((vehicle) => !known(vehicle)) }
  }
  return ((input: Input) => {
    double.inputs.push(input)
    return { outcome: outcomeOf(input), durable: double.durable }
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

function picture(clock: FakeClock): LiveSite {
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
