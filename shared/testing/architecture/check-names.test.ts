import { describe, expect, test } from 'vitest'
import { checkNames } from './check-names.ts'
import { projectOf } from './project-of.ts'

describe('names that belong to one place', () => {
  test.each([
    ['Date.now', 'const now = Date.now()'],
    ['Date.now', 'const now = globalThis.Date.now'],
    ['new Date()', 'const now = new Date()'],
    ['performance.now', 'const now = performance.now()'],
    ['setTimeout', 'setTimeout(run, 5)'],
    ['setInterval', 'const timers = { setInterval }'],
    ['setImmediate', 'await new Promise((done) => setImmediate(done))'],
    ['Math.random', 'const chance = Math.random()'],
    ['process.env', 'const home = process.env.HOME'],
    ['throw new Error', "throw new Error('late')"],
    ['SQL', 'const sql = `SELECT seq\n FROM fact WHERE seq > ?`'],
    ['SQL', "database.exec('insert into fact (seq) values (1)')"],
    ['a path into firmware-profiles', "read('../../firmware-profiles/meters')"],
  ])('%s is seen in `%s`', (name, text) => {
    const found = checkNames(projectOf({ 'edge/control/a.ts': `\n${text}` }))
    expect(found).toEqual([expect.stringContaining(`edge/control/a.ts:2: uses ${name}: forbidden because`)])
  })

  test.each([
    ['better-sqlite3', 'edge/main.ts'],
    ['node:timers/promises', 'edge/control/a.ts'],
    ['ocpp-rpc', 'edge/adapters/lan-http/a.ts'],
    ['pg', 'cloud/core/ingest/a.ts'],
  ])('%s may not be imported by %s', (name, path) => {
    const found = checkNames(projectOf({ [path]: `import '${name}'` }))
    expect(found).toEqual([expect.stringContaining(`${path}: imports ${name}: forbidden because`)])
  })

  test('the domain may not use a global of Node', () => {
    const found = checkNames(projectOf({ 'edge/domain/a.ts': 'const id = crypto.randomUUID()' }))
    expect(found).toEqual([
      expect.stringContaining('edge/domain/a.ts:1: uses crypto: forbidden because this code is pure'),
    ])
  })

  test('a time passed in, a method of that name, a comment and a type are no use of the clock', () => {
    const text = [
      '// Date.now() stays in the host',
      'const at = new Date(instant)',
      'clock.setTimeout(run)',
      'type Timer = ReturnType<typeof setTimeout>',
      "const text = 'setTimeout'",
    ].join('\n')
    expect(checkNames(projectOf({ 'edge/control/a.ts': text }))).toEqual([])
  })

  test('the host, the pages, deploy and every test may use the clock', () => {
    const text = "setTimeout(() => { throw new Error('late') }, Date.now())"
    const clock = 'setTimeout(run, Date.now())'
    const project = projectOf({
      'edge/adapters/host/clock.ts': clock,
      'edge/lan-ui/age.ts': clock,
      'deploy/demo/main.ts': clock,
      'edge/control/a.test.ts': text,
      'edge/scenarios/bench/loop.ts': text,
    })
    expect(checkNames(project)).toEqual([])
  })
})
