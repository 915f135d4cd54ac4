import { describe, expect, test } from 'vitest'
import { checkImports } from './check-imports.ts'
import { projectOf } from './project-of.ts'

describe('imports between folders', () => {
  test.each([
    ['edge/domain/a.ts', '../adapters/sqlite/b.ts', 'the domain is pure'],
    ['edge/domain/a.ts', '@busbar/contracts/sync/fact.ts', 'the domain is pure'],
    ['edge/adapters/ocpp/a.ts', '../sqlite/b.ts', 'adapters meet in main'],
    ['cloud/core/adapters/broker/a.ts', '../postgres/b.ts', 'adapters meet in main'],
    ['edge/control/a.ts', '../adapters/host/clock.ts', 'only through the ports'],
    ['edge/adapters/modbus/a.ts', '../../main.ts', 'nothing below the composition root'],
    ['edge/adapters/host/a.ts', '../../../cloud/core/api/b.ts', 'edge and cloud meet in shared/contracts'],
    ['cloud/core/ingest/a.ts', '@busbar/edge/domain/facts.ts', 'edge and cloud meet in shared/contracts'],
    ['edge/simulators/station/a.ts', '../../adapters/ocpp/rpc/b.ts', 'speak only the wire'],
    ['edge/simulators/a.ts', '../domain/facts.ts', 'speak only the wire'],
    ['edge/lan-ui/a.tsx', '../adapters/lan-http/routes.ts', 'a page reads through its API only'],
    ['edge/adapters/sqlite/a.ts', '@busbar/testing/fake-clock.ts', 'stay out of the product'],
    ['shared/units/a.ts', '../model/ids.ts', 'units are the ground floor'],
    ['deploy/release/a.ts', '@busbar/edge/main.ts', 'nothing below the composition root'],
    ['deploy/release/a.ts', '@busbar/edge/config/schema.ts', 'deploy starts processes'],
  ])('%s may not import %s', (path, specifier, because) => {
    const found = checkImports(projectOf({ [path]: `import type { X } from '${specifier}'` }))
    expect(found).toEqual([expect.stringContaining(`${path}: imports ${specifier}: forbidden because`)])
    expect(found[0]).toContain(because)
  })

  test.each([
    ['edge/main.ts', './adapters/sqlite/client.ts'],
    ['edge/main.test.ts', './adapters/sqlite/client.ts'],
    ['edge/adapters/sqlite/worker/a.ts', '../client.ts'],
    ['edge/adapters/ocpp/a.test.ts', '@busbar/testing/fake-clock.ts'],
    ['edge/simulators/a.test.ts', '../domain/ports/clock.contract.ts'],
    ['edge/scenarios/a.test.ts', '../../cloud/core/main.ts'],
  ])('%s may import %s', (path, specifier) => {
    expect(checkImports(projectOf({ [path]: `import '${specifier}'` }))).toEqual([])
  })

  test.each([
    ['over several lines', "import {\n  a,\n  b,\n} from '../adapters/host/clock.ts'"],
    ['as a re-export', "export * from '../adapters/host/clock.ts'"],
    ['as a named re-export', "export type { Clock } from '../adapters/host/clock.ts'"],
    ['when it is needed', "const clock = await import('../adapters/host/clock.ts')"],
    ['inside a type', "type Clock = import('../adapters/host/clock.ts').Clock"],
    ['by require', "const clock = require('../adapters/host/clock.ts')"],
  ])('an import written %s is seen', (_form, text) => {
    expect(checkImports(projectOf({ 'edge/control/a.ts': text }))).toHaveLength(1)
  })

  test('an import in a comment or a string is none', () => {
    const text = "// import '../adapters/host/a.ts'\nconst text = \"import '../adapters/host/a.ts'\""
    expect(checkImports(projectOf({ 'edge/control/a.ts': text }))).toEqual([])
  })

  test('a file in a folder the plan does not know is named', () => {
    expect(checkImports(projectOf({ 'edge/services/a.ts': '' }))).toEqual([
      'edge/services/a.ts: lies in no folder of architecture.json: forbidden because each folder has its rules',
    ])
  })
})
