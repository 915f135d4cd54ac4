import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { checkImports } from './check-imports.ts'
import { checkPackages } from './check-packages.ts'
import { checkTopLevel } from './check-sizes.ts'
import { parseSource } from './parse-source.ts'
import { readProject } from './project.ts'

const root = mkdtempSync(join(tmpdir(), 'architecture-'))
afterAll(() => rmSync(root, { recursive: true }))

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

test('a tree on disk is read whole: sources, packages and top level', () => {
  cpSync(
    fileURLToPath(new URL('../../../architecture.json', import.meta.url)),
    join(root, 'architecture.json'),
  )
  put('package.json', '{ "name": "busbar", "workspaces": ["edge", "edge/lan-ui"] }')
  put('edge/package.json', '{ "name": "@busbar/edge", "optionalDependencies": { "zod": "4.0.0" } }')
  put('edge/lan-ui/package.json', '{ "name": "@busbar/lan-ui" }')
  put('edge/control/tick.ts', "import 'zod'\nimport '../adapters/host/clock.ts'")
  put('edge/lan-ui/page.tsx', "import 'zod'\nexport const Page = () => <p>It's 5 o'clock</p>")
  put('edge/lan-ui/vite-env.d.ts', "import 'zod'")
  put('edge/node_modules/zod/index.ts', "import 'other'")
  put('scripts/run.ts', '')

  const project = readProject(root)

  expect(project.files.map(({ path }) => path)).toEqual(['edge/control/tick.ts', 'edge/lan-ui/page.tsx'])
  expect(checkImports(project)).toEqual([
    'edge/control/tick.ts: imports ../adapters/host/clock.ts: forbidden because ' +
      'the shell reaches the outside only through the ports of edge/domain',
  ])
  expect(checkPackages(project)).toEqual([
    'edge/lan-ui/page.tsx: imports zod: forbidden because ' +
      'edge/lan-ui/package.json does not list zod, which resolves here only by luck',
  ])
  expect(checkTopLevel(project)).toEqual([expect.stringContaining('scripts: lies at the top level')])
})

test('a file that cannot be read is named', () => {
  expect(() => parseSource('edge/control/tick.ts', 'const = 1')).toThrow(
    'edge/control/tick.ts is not TypeScript',
  )
})
