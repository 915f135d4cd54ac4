import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const broken: [string, string, string][] = [
  ['a default export', 'noDefaultExport', 'export default 1'],
  ['any', 'noExplicitAny', 'export const a = (b: any) => b'],
  ['an empty catch', 'noEmptyBlockStatements', 'try {\n  work()\n} catch {}'],
  ['a floating promise', 'noFloatingPromises', 'const a = async () => 1\na()'],
  ['an async predicate', 'noMisusedPromises', 'const a = async () => true\nif (a()) work()'],
  ['a type imported as a value', 'useImportType', "import { A } from './a.ts'\nexport type B = A"],
  ['an import without its ending', 'useImportExtensions', "import './any'"],
  ['an enum', 'noEnum', 'export enum A {\n  b,\n}'],
  [
    'a parameter property',
    'noParameterProperties',
    'export class A {\n  constructor(private b: number) {}\n}',
  ],
  ['a non-null assertion', 'noNonNullAssertion', 'export const a = (b?: number) => b!'],
  ['a ring of imports', 'noImportCycles', "import { b } from './ring.ts'\nexport const c = b"],
]

const fine: Record<string, string> = {
  'some.config.ts': 'export default 1\n',
  'silent.ts': 'try {\n  work()\n} catch {\n  // the disk warning says so\n}\n',
  'ring.ts': "import { c } from './a-ring-of-imports.ts'\nexport const b = c\n",
}

const fileOf = (what: string): string => `${what.replaceAll(' ', '-')}.ts`

const folder = mkdtempSync(join(tmpdir(), 'lint-rules-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Report = { diagnostics: { severity: string; category: string; location: { path: string } }[] }

const stopped: { file: string; rule: string }[] = []

beforeAll(() => {
  const rules = fileURLToPath(new URL('../../biome.json', import.meta.url))
  const config = { root: true, extends: [rules], vcs: { enabled: false } }
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(config))
  for (const [what, , text] of broken) writeFileSync(join(folder, fileOf(what)), text)
  for (const [name, text] of Object.entries(fine)) writeFileSync(join(folder, name), text)
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.']
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  const { diagnostics }: Report = JSON.parse(run.stdout)
  for (const { severity, category, location } of diagnostics) {
    if (severity !== 'error') continue
    stopped.push({ file: location.path, rule: category.split('/').at(-1) ?? category })
  }
})

describe('lint stops', () => {
  test.each(broken)('%s', (what, rule) => {
    expect(stopped).toContainEqual({ file: fileOf(what), rule })
  })
})

describe('lint accepts', () => {
  test.each([
    ['a default export in a config file', 'some.config.ts'],
    ['a catch that says why it is silent', 'silent.ts'],
  ])('%s', (_what, name) => {
    expect(stopped.filter(({ file }) => file === name)).toEqual([])
  })
})
