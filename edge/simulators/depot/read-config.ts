import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { isNode, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import type { MeterProfile } from '../../profiles/meter-profile.ts'
import { seededRandom } from '../random.ts'
import type { Rating } from '../station/offered-limit.ts'
import type { StationPlan } from '../station/virtual-station.ts'
import { SimulationFile, type StationEntry } from './config-shape.ts'
import type { FleetVehicle, VirtualDepotOptions } from './depot.ts'
import type { FeederLinePlan, FeederMeterPlan } from './feeder-meter.ts'
import { generateFleet } from './generate-fleet.ts'

type Path = readonly PropertyKey[]

/**
 * The virtual depot that a simulation file describes.
 * @throws DepotError `config.simulation` naming file, line and what was expected
 */
export async function readSimulation(file: string): Promise<VirtualDepotOptions> {
  const text = await readText(file)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [broken] = document.errors
  if (broken) throw refused(file, [{ line: lines.linePos(broken.pos[0]).line, text: broken.message }])
  const lineOf = (path: Path): number => {
    for (let depth = path.length; depth >= 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return 1
  }
  const read = SimulationFile.safeParse(document.toJS())
  const problems = read.success ? crossProblems(read.data) : read.error.issues
  if (!read.success || problems.length > 0)
    throw refused(
      file,
      problems.map((p) => located(p, lineOf)),
    )
  return assemble(read.data, dirname(resolve(file)))
}

interface Problem {
  readonly path: Path
  readonly message: string
}

function located({ path, message }: Problem | z.core.$ZodIssue, lineOf: (path: Path) => number) {
  const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return { line: lineOf(path), text: `${where.replace(/^\./, '') || 'whole file'}: ${message}` }
}

function refused(file: string, problems: readonly { line: number; text: string }[]): DepotError {
  const text = problems.map((problem) => `${file}:${problem.line}: ${problem.text}`).join('\n')
  return new DepotError('config.simulation', text)
}

/** What no single field shows: names given twice, and names nobody has. */
function crossProblems(file: SimulationFile): readonly Problem[] {
  const stations = new Set(file.stations.map((station) => station.id))
  const unknown = (id: string, path: Path): Problem[] =>
    stations.has(id) ? [] : [{ path, message: `expected one of the stations, found "${id}"` }]
  return [
    ...repeated(file.stations, 'stations'),
    ...repeated(file.vehicles, 'vehicles'),
    ...file.vehicles.flatMap((vehicle, i) =>
      vehicle.visits.flatMap((visit, k) => unknown(visit.station, ['vehicles', i, 'visits', k, 'station'])),
    ),
    ...repeated(file.feeder_meters, 'feeder_meters'),
    ...file.feeder_meters.flatMap((meter, i) =>
      meter.stations.flatMap((id, k) => unknown(id, ['feeder_meters', i, 'stations', k])),
    ),
    ...sharedUnits(file),
    ...file.fleet.flatMap((fleet, i) =>
      fleet.stations.flatMap((id, k) => unknown(id, ['fleet', i, 'stations', k])),
    ),
  ]
}

function repeated(list: readonly { readonly id: string }[], name: string): Problem[] {
  const seen = new Set<string>()
  return list.flatMap(({ id }, i) => {
    const twice = seen.has(id)
    seen.add(id)
    return twice ? [{ path: [name, i, 'id'], message: `"${id}" is given twice` }] : []
  })
}

/** Two meters of one line that answer to one number. */
function sharedUnits({ meter, feeder_meters }: SimulationFile): Problem[] {
  const seen = new Set([`${meter.port}`])
  return feeder_meters.flatMap(({ port, unit }, i) => {
    const taken = seen.has(`${port}`) || seen.has(`${port}/${unit}`)
    seen.add(`${port}/${unit}`)
    const message = `port ${port} with unit ${unit} is another meter's`
    return taken ? [{ path: ['feeder_meters', i, 'port'], message }] : []
  })
}

async function feederLines(file: SimulationFile, folder: string): Promise<FeederLinePlan[]> {
  const profiles = resolve(folder, file.meter.profiles)
  const lines = new Map<number, FeederMeterPlan[]>()
  for (const { id, port, unit, profile, stations } of file.feeder_meters)
    lines.set(port, [
      ...(lines.get(port) ?? []),
      { id, unit, stations, profile: await meterProfile(profiles, profile) },
    ])
  return [...lines].map(([port, meters]) => ({
    id: `feeders-${port}`,
    end: { kind: 'tcp', host: file.meter.host, port },
    meters,
  }))
}

async function assemble(file: SimulationFile, folder: string): Promise<VirtualDepotOptions> {
  const { edge, meter, building } = file
  const token =
    edge.api_token_file === undefined
      ? undefined
      : (await readText(resolve(folder, edge.api_token_file))).trim()
  const api =
    edge.api_url === undefined ? undefined : { url: edge.api_url, ...(token === undefined ? {} : { token }) }
  return {
    seed: file.seed,
    timeZone: file.time_zone,
    ocppUrl: edge.ocpp_url,
    ...(api ? { api } : {}),
    meter: {
      profile: await meterProfile(resolve(folder, meter.profiles), meter.profile),
      host: meter.host,
      port: meter.port,
      unit: meter.unit,
    },
    feederLines: await feederLines(file, folder),
    stations: await Promise.all(file.stations.map((station) => stationPlan(station, folder))),
    building: {
      nightW: building.night_w,
      peakW: building.peak_w,
      noiseW: building.noise_w,
      steps: building.steps.map((step) => ({
        name: step.name,
        powerW: step.power_w,
        onS: step.on_s,
        everyS: step.every_s,
        fromHour: step.hours[0],
        toHour: step.hours[1],
      })),
    },
    fleet: [
      ...file.vehicles.map(named),
      ...generateFleet(file.fleet, seededRandom(file.seed).fork('generator')),
    ],
  }
}

async function meterProfile(folder: string, id: string): Promise<MeterProfile> {
  const profiles = await loadMeterProfiles(folder)
  const profile = profiles.get(id)
  if (profile) return profile
  const known = [...profiles.keys()].join(', ')
  throw new DepotError('config.simulation', `meter.profile: no "${id}" in ${folder}; it has ${known}`)
}

async function stationPlan(station: StationEntry, folder: string): Promise<StationPlan> {
  const { secret_file } = station
  const secret =
    secret_file === undefined ? station.secret : (await readText(resolve(folder, secret_file))).trim()
  const rating: Rating =
    station.kind === 'ac'
      ? { kind: 'ac', value: station.rating_a, phases: station.phases }
      : { kind: 'dc', value: station.rating_w, phases: 3 }
  return {
    id: station.id,
    rating,
    rotation: station.rotation,
    secret: secret ?? '',
    meterIntervalS: station.meter_interval_s,
    bootsOnReconnect: station.boots_on_reconnect,
    version: station.version,
    quirks: station.quirks,
  }
}

function named(entry: SimulationFile['vehicles'][number]): FleetVehicle {
  return {
    vehicle: {
      id: entry.id,
      idToken: entry.id_token,
      batteryWh: entry.battery_wh,
      phases: entry.phases,
      maxAcW: entry.max_ac_w,
      maxDcW: entry.max_dc_w,
      minimumA: entry.minimum_a,
      targetPct: entry.target_pct,
    },
    visits: entry.visits.map((visit) => ({
      station: visit.station,
      arrivalMinute: visit.arrival,
      departureMinute: visit.departure,
      socPct: visit.soc_pct,
      socNeededPct: visit.soc_needed_pct,
    })),
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new DepotError('config.simulation', `${file}: cannot be read (${messageOf(cause)})`, { cause })
  }
}
