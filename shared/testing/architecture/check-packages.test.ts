import { describe, expect, test } from 'vitest'
import { checkPackages } from './check-packages.ts'
import { projectOf } from './project-of.ts'

describe('packages', () => {
  const edge = 'edge/adapters/broker/a.ts'

  test.each([
    [edge, 'aedes', 'edge/package.json does not list aedes'],
    [edge, '@aws-sdk/client-s3/dist/x.js', 'does not list @aws-sdk/client-s3'],
    [edge, '@busbar/cloud-core/main.ts', 'does not list @busbar/cloud-core'],
    [edge, 'playwright-core', 'does not list playwright-core'],
    [edge, 'vitest', 'does not list vitest'],
    [edge, '../../../shared/units/time.ts', 'between workspaces the package name is used: @busbar/units'],
    ['edge/domain/a.ts', 'zod', 'this code is pure'],
    ['edge/domain/a.ts', 'node:fs', 'this code is pure'],
  ])('%s may not import %s', (path, specifier, because) => {
    const found = checkPackages(projectOf({ [path]: `import '${specifier}'` }))
    expect(found).toEqual([expect.stringContaining(`${path}: imports ${specifier}: forbidden because`)])
    expect(found[0]).toContain(because)
  })

  test('listed packages, Node itself and, in tests, development packages are allowed', () => {
    const product = "import 'zod'\nimport 'node:fs'\nimport '@busbar/units/time.ts'\nimport './b.ts'"
    const tests = "import 'vitest'\nimport 'playwright-core'"
    const project = projectOf({
      [edge]: product,
      'edge/control/a.test.ts': tests,
      'edge/vite.config.ts': tests,
    })
    expect(checkPackages(project)).toEqual([])
  })
})
