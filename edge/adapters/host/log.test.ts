import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const LOG = fileURLToPath(new URL('log.ts', import.meta.url))
const SCRIPT = `
  const { createLog } = await import(${JSON.stringify(LOG)})
  const log = createLog({ depot: 'yard', level: 'info', version: '1.2.3' })
  log.debug('not asked for')
  log.warn({ 'event.name': 'x', cloud: { password: 'do not tell' }, station: { secret: 'do not tell' } }, 'said')
`

test('a line is JSON with the names of OpenTelemetry, and secrets are left out', () => {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT], { encoding: 'utf8' })
  const lines = stdout.trim().split('\n')
  expect(lines).toHaveLength(1)
  expect(stdout).not.toContain('do not tell')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    severity_text: 'WARN',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    'service.name': 'busbar-edge',
    'service.version': '1.2.3',
    'service.instance.id': 'yard',
    'event.name': 'x',
    body: 'said',
  })
})

const run = (script: string) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout

test('S23 line breaks, escapes and markup in what a station says make one line of plain JSON', () => {
  const evil = '<script>x</script>\r\n{"severity_text":"FATAL"}\u001b[31m\u0007'
  const stdout = run(`
    const { createLog } = await import(${JSON.stringify(LOG)})
    createLog({ depot: 'yard', level: 'info', version: '1' }).warn({ vendor: ${JSON.stringify(evil)} }, 'heard')
  `)
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  expect([...stdout.trimEnd()].filter((char) => char < ' ')).toEqual([])
  expect(JSON.parse(stdout)).toMatchObject({ vendor: evil, body: 'heard', severity_text: 'WARN' })
})

test('S69 neither what proves somebody nor who drives gets into a line, wherever it stands', () => {
  const stdout = run(`
    const { createLog } = await import(${JSON.stringify(LOG)})
    const log = createLog({ depot: 'yard', level: 'info', version: '1' })
    const canary = { secret: 'CANARY', password: 'CANARY', authorization: 'CANARY', token: 'CANARY',
      idToken: 'CANARY', id_token: 'CANARY', idTag: 'CANARY' }
    log.info(canary, 'one')
    log.info({ station: canary }, 'two')
    log.info({ request: { headers: canary } }, 'three')
  `)
  expect(stdout.trim().split('\n')).toHaveLength(3)
  expect(stdout).not.toContain('CANARY')
})
