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
