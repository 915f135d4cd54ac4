import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { depotYaml } from './depot-of.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
/** Loaded before the program: ends its store's worker when told to. */
const DEADLY = `process.on('worker', (worker) => process.once('SIGUSR2', () => worker.terminate()))`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-store-lost-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('an edge whose store worker dies says so and ends, so that it is started anew', async () => {
  const config = join(folder, 'depot.yaml')
  const of = { gridA: 100, otherA: 10, feeders: [{ id: 'f1', ratingA: 63 }], stations: [] }
  await writeFile(
    config,
    depotYaml(
      { ...of, instead: { log_level: 'info', meters: [], stations: [{ id: 'A', ...station }] } },
      { data: join(folder, 'data'), meterPort: 1 },
    ),
  )
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(DEADLY)}`, MAIN, '--config', config],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      const ready = said.includes('edge.ready')
      said += String(chunk)
      if (!ready && said.includes('edge.ready')) child.kill('SIGUSR2')
    })
  const [code] = await once(child, 'close')
  expect(code, said).toBe(1)
  expect(said).toContain('"event.name":"store.lost"')
}, 30_000)

const station = {
  circuit: 'f1',
  secret: { virtual: 'scenario-secret-0123456789' },
  evses: [{ evse: 1, current: 'ac', rating_a: 32, phases: ['l1', 'l2', 'l3'], fallback_a: 6 }],
}
