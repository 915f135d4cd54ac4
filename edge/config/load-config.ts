import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import type { Fleet } from '../domain/charging/vehicle.ts'
import { fallbackFaults } from '../domain/load-balancing/commissioning.ts'
import { checkSite } from '../domain/site/check-site.ts'
import type { Site } from '../domain/site/site.ts'
import { virtualFaults } from '../domain/site/virtual-meter.ts'
import { crossFaults } from './cross-faults.ts'
import { type ConfigFile, invalid, readYaml } from './read-yaml.ts'
import { DepotConfig, type SecretConfig } from './schema.ts'
import { toFleet, toSite } from './to-site.ts'

/** A checked configuration. */
export interface LoadedConfig {
  readonly config: DepotConfig
  readonly site: Site
  readonly fleet: Fleet
  /** Absolute. */
  readonly dataFolder: string
  /** Folder of the depot's own station profiles, absolute; null without one. */
  readonly stationProfiles: string | null
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
  const unsound = [...uncomputable(site), ...checkSite(site)]
  const unsafe = unsound.length > 0 ? unsound : fallbackFaults(site)
  if (unsafe.length > 0)
    throw invalid(
      file,
      unsafe.map(({ subject, reason }) => ({
        line: lineOfSubject(read, subject),
        path: subject,
        expected: reason,
      })),
    )
  return {
    config: read.value,
    site,
    fleet: toFleet(read.value),
    dataFolder: resolve(dirname(file), read.value.data_folder),
    stationProfiles:
      read.value.station_profiles === undefined ? null : resolve(dirname(file), read.value.station_profiles),
    hash: sha256(JSON.stringify(read.value)),
    secret: (of) => readSecret(of, dirname(file)),
  }
}

const uncomputable = (site: Site) =>
  virtualFaults(new Map([...site.meters].map(([id, { virtual }]) => [id, virtual ?? null]))).map(
    ({ meter, reason }) => ({ subject: `meter ${meter}`, reason }),
  )

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')

/** `circuit feeder-1`, `station C-01`, `EVSE A-01/1`, `meter m` to the line that defines it. */
function lineOfSubject({ value, lineOf }: ConfigFile<DepotConfig>, subject: string): number {
  const [kind, id = ''] = subject.split(' ')
  if (kind === 'circuit')
    return lineOf(['site', 'circuits', value.site.circuits.findIndex((circuit) => circuit.id === id)])
  if (kind === 'meter') return lineOf(['meters', value.meters.findIndex((meter) => meter.id === id)])
  return lineOf(['stations', value.stations.findIndex((station) => `${id}/`.startsWith(`${station.id}/`))])
}

async function readSecret(
  of: SecretConfig,
  folder: string,
): Promise<{ text: string | null; sha256: string }> {
  if ('sha256' in of) return { text: null, sha256: of.sha256 }
  if ('virtual' in of) return { text: of.virtual, sha256: sha256(of.virtual) }
  const [where, text] =
    'env' in of
      ? [`the environment variable ${of.env}`, fromEnvironment(of.env)]
      : [resolve(folder, of.file), await fromFile(resolve(folder, of.file))]
  if (text.length < 16)
    throw new DepotError(
      'config.secret',
      `${where}: expected a secret of at least 16 characters, found ${text.length}`,
    )
  return { text, sha256: sha256(text) }
}

function fromEnvironment(name: string): string {
  const value = process.env[name]
  if (value === undefined)
    throw new DepotError('config.secret', `the environment variable ${name} is not set`)
  return value
}

async function fromFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    throw new DepotError('config.secret', `${path}: ${messageOf(error)}`, { cause: error })
  }
}
