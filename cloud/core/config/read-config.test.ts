import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from './read-config.ts'
import { depotCredentials } from './secrets.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-config-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const good = [
  'fleet: { name: Test }',
  'data_folder: data',
  'http: { port: 8090 }',
  'mqtt: { port: 8884 }',
  'database: { kind: embedded }',
  'depots:',
  '  - id: north',
  '    name: North',
  '    credentials:',
  '      - password_file: north.secret',
]

async function read(...lines: string[]) {
  const file = join(folder, 'cloud.yaml')
  await writeFile(file, lines.join('\n'))
  return readConfig(file)
}

const instead = (line: number, text: string) =>
  good.map((known, index) => (index === line - 1 ? text : known))

test('paths count from the file, what is not said has its default', async () => {
  const config = await read(...good)
  expect(config.data_folder).toBe(join(folder, 'data'))
  expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8090, tokens: [] })
  expect(config.depots[0]?.credentials).toEqual([{ password_file: join(folder, 'north.secret') }])
})

describe('a fault is told with file, line and what was expected', () => {
  test.each<[string, string[], RegExp]>([
    ['a wrong value', instead(3, 'http: { port: 99999 }'), /cloud\.yaml:3: http\.port: expected a port/],
    ['an unknown key', instead(2, 'data_foldr: data'), /cloud\.yaml(:\d+)?: .*data_foldr/],
    ['a missing key', good.filter((_, index) => index !== 0), /cloud\.yaml:1: fleet: /],
    [
      'a wrong depot id',
      instead(7, '  - id: North Depot'),
      /cloud\.yaml:7: depots\.0\.id: expected lower-case/,
    ],
    ['a wrong database', instead(5, 'database: sqlite'), /cloud\.yaml:5: database: expected kind: embedded/],
    ['no YAML', instead(3, 'http: { port: '), /cloud\.yaml:\d+: /],
    ['an open broker without TLS', instead(4, 'mqtt: { host: 0.0.0.0 }'), /mqtt\.tls: expected key and cert/],
    [
      'an open API without tokens',
      instead(3, 'http: { host: 0.0.0.0 }'),
      /http\.tokens: expected at least one/,
    ],
    ['a depot that stands twice', [...good, ...good.slice(6)], /id "north" stands twice/],
  ])('%s', async (_, lines, expected) => {
    await expect(read(...lines)).rejects.toThrow(expected)
  })

  test('a missing file', async () => {
    await expect(readConfig(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'config.unreadable' })
  })
})

describe('secrets', () => {
  test('come from a file; a short or missing one is refused', async () => {
    const config = await read(...good)
    await expect(depotCredentials(config)).rejects.toMatchObject({ code: 'config.secret' })
    await writeFile(join(folder, 'north.secret'), 'short')
    await expect(depotCredentials(config)).rejects.toThrow('at least 32')
    await writeFile(join(folder, 'north.secret'), `${'x'.repeat(32)}\n`)
    expect((await depotCredentials(config)).get('north')).toHaveLength(1)
  })
})
