import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { type StationProfileFile, stationProfileSchema } from './station-profile.ts'
import { GENERIC, type StationProfiles, specificity, stationProfiles } from './station-profiles.ts'
import { overlap } from './versions.ts'

/** The profiles that come with the product. */
const SHIPPED = join(import.meta.dirname, '../../firmware-profiles/charging-stations')

/**
 * Reads every `*.json` below `folder`, and below that of the depot's own.
 * @throws DepotError `profiles.station-invalid` naming file and field of everything wrong
 */
export async function loadStationProfiles(
  folder = SHIPPED,
  own: string | null = null,
): Promise<StationProfiles> {
  const folders = own === null ? [folder] : [folder, own]
  const paths = (await Promise.all(folders.map(filesBelow))).flat()
  const read = await Promise.all(paths.map(readProfile))
  const problems = read.flatMap((result) => ('problems' in result ? result.problems : []))
  const files = read.flatMap((result) => ('file' in result ? [result.file] : []))
  const generic = files.find(({ id }) => id === GENERIC)
  if (!generic && problems.length === 0)
    problems.push(`${folder}: expected ${GENERIC}.json, for unknown models`)
  problems.push(...tiesOf(files))
  if (problems.length > 0 || !generic) throw invalid(problems)
  return stationProfiles(files, generic)
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw invalid([`${folder}: expected a folder of station profiles (${messageOf(cause)})`])
  })
  return entries
    .filter((entry) => entry.endsWith('.json'))
    .sort()
    .map((entry) => join(folder, entry))
}

const invalid = (problems: readonly string[]): DepotError =>
  new DepotError('profiles.station-invalid', problems.join('\n'))

type Read = { readonly file: StationProfileFile } | { readonly problems: readonly string[] }

async function readProfile(path: string): Promise<Read> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    return { problems: [`${path}: not JSON (${messageOf(error)})`] }
  }
  const checked = stationProfileSchema.safeParse(content)
  if (!checked.success)
    return {
      problems: checked.error.issues.map(
        ({ path: field, message }) => `${path}: ${field.join('.') || 'whole file'}: ${message}`,
      ),
    }
  const expected = basename(path, '.json')
  const { id, match } = checked.data
  if (id !== expected)
    return { problems: [`${path}: id: expected "${expected}" from its name, found "${id}"`] }
  if ((match.length === 0) !== (id === GENERIC) || match.some((one) => Object.keys(one).length === 0))
    return {
      problems: [`${path}: match: expected at least one, each with a member; only ${GENERIC} has none`],
    }
  return { file: checked.data }
}

/** Two profiles that could claim the same station with the same right. */
function tiesOf(files: readonly StationProfileFile[]): string[] {
  const claims = files.flatMap(({ id, match }) => match.map((one) => ({ id, match: one })))
  return claims.flatMap((a, place) =>
    claims
      .slice(place + 1)
      .filter((b) => a.id !== b.id && isTie(a.match, b.match))
      .map((b) => `${a.id}.json, ${b.id}.json: match: both claim ${JSON.stringify(a.match)}`),
  )
}

type Match = StationProfileFile['match'][number]
const isTie = (a: Match, b: Match): boolean =>
  specificity(a) === specificity(b) &&
  same(a.vendor, b.vendor) &&
  same(a.model, b.model) &&
  same(a.identity, b.identity) &&
  overlap(a.firmware ?? {}, b.firmware ?? {})
const same = (a = '', b = ''): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()
