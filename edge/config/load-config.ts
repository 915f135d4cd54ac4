import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { checkSite } from '../domain/site/check-site.ts'
import type { Fleet } from '../domain/charging/vehicle.ts'
import type { Site } from '../domain/site/site.ts'
import { type ConfigFault, type ConfigFile, invalid, readYaml } from './read-yaml.ts'
import { DepotConfig, type SecretConfig } from './schema.ts'
import { toFleet, toSite } from './to-site.ts'

/** A checked configuration. */
export interface LoadedConfig {
  readonly config: DepotConfig
  readonly site: Site
  readonly fleet: Fleet
  /** Absolute. */
  readonly dataFolder: string
  /** SHA-256 of the file's values, to tell one configuration from another. */
  readonly hash: string
  /** @throws DepotError `config.secret` when the variable or file is missing or too short */
  secret(of: SecretConfig): Promise<{ text: string | null; sha256: string }>
}

/**
 * Reads, checks and resolves `depot.yaml`.
 * @throws DepotError `config.invalid` naming file, line and what was expected; also when the commissioning gate fails
 */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  const file = resolve(path)
  const read = await readYaml(file, DepotConfig)
  const faults = crossFaults(read)
  if (faults.length > 0) throw invalid(file, faults)
  const site = toSite(read.value)
  const unsafe = checkSite(site)
  if (unsafe.length > 0) throw invalid(file, unsafe.map(({ subject, reason }) => ({ line: lineOfSubject(read, subject), path: subject, expected: reason })))
  return {
    config: read.value,
    site,
    fleet: toFleet(read.value),
    dataFolder: resolve(dirname(file), read.value.data_folder),
    hash: sha256(JSON.stringify(read.value)),
    secret: (of) => readSecret(of, dirname(file)),
  }
}

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')

/** What one value says against another. */
function crossFaults({ value, lineOf }: ConfigFile<DepotConfig>): ConfigFault[] {
  const faults: ConfigFault[] = []
  const fault = (path: (string | number)[], expected: string) => faults.push({ line: lineOf(path), path: path.join('.'), expected })
  const unique = (list: readonly { id: string }[], path: string) =>
    list.forEach(({ id }, index) => {
      if (list.findIndex((other) => other.id === id) < index) fault([path, index, 'id'], `an id of its own; "${id}" is taken`)
    })
  unique(value.stations, 'stations')
  unique(value.vehicles, 'vehicles')
  unique(value.meters, 'meters')
  value.site.circuits.forEach(({ id, limit_kw, other_loads_kw }, index) => {
    if (value.site.circuits.findIndex((other) => other.id === id) < index) fault(['site', 'circuits', index, 'id'], `an id of its own; "${id}" is taken`)
    if (limit_kw !== undefined && other_loads_kw === undefined) fault(['site', 'circuits', index], 'other_loads_kw, since limit_kw is given')
  })
  const roots = value.site.circuits.filter(({ parent }) => parent === undefined)
  if (roots.length !== 1) fault(['site', 'circuits'], `exactly one circuit without a parent, the grid connection; found ${roots.length}`)
  value.stations.forEach((station, index) => {
    const { secret, allow_without_secret: open, evses } = station
    if (secret === undefined && !open) fault(['stations', index], 'a secret, or allow_without_secret: true')
    if (new Set(evses.map(({ evse }) => evse)).size !== evses.length) fault(['stations', index, 'evses'], 'a number of its own for each EVSE')
    if (!value.depot.virtual && secret && 'virtual' in secret) fault(['stations', index, 'secret'], 'env, file or sha256: a secret in the file is for virtual depots only')
  })
  value.meters.forEach((meter, index) => {
    if (value.meters.findIndex(({ circuit }) => circuit === meter.circuit) < index) fault(['meters', index, 'circuit'], 'a circuit without another meter')
  })
  value.departures.forEach((departure, index) => {
    if (!value.vehicles.some(({ id }) => id === departure.vehicle)) fault(['departures', index, 'vehicle'], 'a vehicle of this file')
    if (departure.energy_needed_kwh !== undefined && departure.soc_needed_pct !== undefined) fault(['departures', index], 'energy_needed_kwh or soc_needed_pct, not both')
  })
  return faults
}

/** `circuit feeder-1`, `EVSE A-01/1`, `meter m` to the line that defines it. */
function lineOfSubject({ value, lineOf }: ConfigFile<DepotConfig>, subject: string): number {
  const [kind, id = ''] = subject.split(' ')
  if (kind === 'circuit') return lineOf(['site', 'circuits', value.site.circuits.findIndex((circuit) => circuit.id === id)])
  if (kind === 'meter') return lineOf(['meters', value.meters.findIndex((meter) => meter.id === id)])
  return lineOf(['stations', value.stations.findIndex((station) => id.startsWith(`${station.id}/`))])
}

async function readSecret(of: SecretConfig, folder: string): Promise<{ text: string | null; sha256: string }> {
  if ('sha256' in of) return { text: null, sha256: of.sha256 }
  const text = 'virtual' in of ? of.virtual : 'env' in of ? fromEnvironment(of.env) : await fromFile(resolve(folder, of.file))
  if (text.length < 16) throw new DepotError('config.secret', `a secret has ${text.length} characters; at least 16 are needed`)
  return { text, sha256: sha256(text) }
}

function fromEnvironment(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new DepotError('config.secret', `the environment variable ${name} is not set`)
  return value
}

async function fromFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    throw new DepotError('config.secret', `${path}: ${messageOf(error)}`, { cause: error })
  }
}
