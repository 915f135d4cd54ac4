import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { CLOUD_API_VERSION } from './cloud-api/fleet-view.ts'
import { LAN_API_VERSION } from './lan-api/site-view.ts'
import pins from './schema-hashes.json' with { type: 'json' }
import { SENSOR_VERSION } from './sensors/version.ts'
import { SYNC_VERSION } from './sync/version.ts'

const versions = {
  'cloud-api': CLOUD_API_VERSION,
  'lan-api': LAN_API_VERSION,
  sensors: SENSOR_VERSION,
  sync: SYNC_VERSION,
}

/** Every schema that the modules of a contract export, by name. */
async function schemasOf(contract: string): Promise<Record<string, unknown>> {
  const folder = new URL(`./${contract}/`, import.meta.url)
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  const modules = await Promise.all(files.map((file) => import(new URL(file, folder).href)))
  const schemas = modules.flatMap((module) =>
    Object.entries(module).filter(([, value]) => value instanceof z.ZodType),
  )
  return Object.fromEntries(schemas.sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function hashOf(contract: string): Promise<string> {
  const shapes = Object.entries(await schemasOf(contract)).map(([name, schema]) =>
    schema instanceof z.ZodType
      ? [name, z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })]
      : [name],
  )
  return createHash('sha256').update(JSON.stringify(shapes)).digest('hex')
}

describe.each(Object.entries(versions))('the contract %s', (contract, version) => {
  const pin = new Map(Object.entries(pins)).get(contract)

  test('has the shape that is pinned beside its version', async () => {
    const advice =
      'the shape changed: raise the version, tell it in history.md, then pin this hash in schema-hashes.json'
    expect({ version, hash: await hashOf(contract) }, advice).toEqual(pin)
  })

  test('tells its version with a date in its history', async () => {
    const history = await readFile(new URL(`./${contract}/history.md`, import.meta.url), 'utf8')
    expect(history).toMatch(new RegExp(`^\\| ${version} \\| \\d{4}-\\d{2}-\\d{2} \\|`, 'm'))
  })
})
