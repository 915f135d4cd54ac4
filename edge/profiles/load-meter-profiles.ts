import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { meterProfileSchema } from './check-meter-profile.ts'
import type { MeterProfile } from './meter-profile.ts'

/** The meter profiles of a folder, by id. */
export type MeterProfiles = ReadonlyMap<string, MeterProfile>

/** The profiles that come with the product. */
const SHIPPED = join(import.meta.dirname, '../../firmware-profiles/meters')

/**
 * Reads `<vendor>/<model>.json` below `folder`; `<model>.registers.json` is a register dump, not a profile.
 * @throws DepotError `profiles.meter-invalid` naming file and field of everything wrong
 */
export async function loadMeterProfiles(folder = SHIPPED): Promise<MeterProfiles> {
  const files = await profileFiles(folder)
  const read = await Promise.all(files.map((file) => readProfile(folder, file)))
  const problems = read.flatMap((result) => ('problems' in result ? result.problems : []))
  if (problems.length > 0) throw new DepotError('profiles.meter-invalid', problems.join('\n'))
  const profiles = read.flatMap((result) => ('profile' in result ? [result.profile] : []))
  return new Map(profiles.map((profile) => [profile.id, profile]))
}

async function profileFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    const message = `${folder}: expected a folder of meter profiles (${messageOf(cause)})`
    throw new DepotError('profiles.meter-invalid', message, { cause })
  })
  return entries.filter((entry) => entry.endsWith('.json') && !entry.endsWith('.registers.json')).sort()
}

type Read = { readonly profile: MeterProfile } | { readonly problems: readonly string[] }

async function readProfile(folder: string, file: string): Promise<Read> {
  const path = join(folder, file)
  const content = parse(await readFile(path, 'utf8'))
  if ('problem' in content) return { problems: [`${path}: ${content.problem}`] }
  const checked = meterProfileSchema.safeParse(content.value)
  if (!checked.success)
    return {
      problems: checked.error.issues.map(
        ({ path: field, message }) => `${path}: ${field.join('.') || 'whole file'}: ${message}`,
      ),
    }
  const expected = file.replace(/\.json$/, '').replaceAll(/[\\/]/g, '-')
  if (checked.data.id !== expected)
    return { problems: [`${path}: id: expected "${expected}" from its place, found "${checked.data.id}"`] }
  return { profile: checked.data }
}

function parse(text: string): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { problem: `not JSON (${messageOf(error)})` }
  }
}
