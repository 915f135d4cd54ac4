import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { SmallCsms } from './station/small-csms.ts'

const MAIN = new URL('main.ts', import.meta.url).pathname
const DEMO = new URL('../../deploy/demo/simulation.yaml', import.meta.url).pathname
const EVENING = Date.UTC(2026, 10, 21, 17, 30)
let folder: string
const children: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulators-'))
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function simulate(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args])
  children.push(child)
  let output = ''
  const heard = new Promise<string>((resolve) => child.once('exit', () => resolve(output)))
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  const says = async (text: string) => {
    while (!output.includes(text)) await once(child.stdout, 'data')
  }
  return { child, says, ended: heard }
}

it('says what is missing and stops, when told no file or a wrong clock', async () => {
  const bare = simulate()
  expect(await bare.ended).toContain('--config is missing')
  expect(bare.child.exitCode).toBe(1)
  const late = simulate('--config', DEMO, '--clock', 'soon')
  expect(await late.ended).toContain('expected ANCHOR_MS,ORIGIN_MS,SCALE')
})

it('runs a night at the pace it is told, and ends cleanly when asked', async () => {
  const csms = new SmallCsms()
  const url = await csms.listen()
  const text = (await readFile(DEMO, 'utf8'))
    .replace('ws://127.0.0.1:9000/ocpp', url)
    .replace(/ {2}api_url: .*\n/, '')
    .replace('port: 1502', 'port: 0')
    .replace('../../firmware-profiles', join(dirname(DEMO), '../../firmware-profiles'))
  const file = join(folder, 'night.yaml')
  await writeFile(file, text)
  const clock = `${Date.now()},${EVENING},120`
  const { child, says, ended } = simulate('--config', file, '--clock', clock, '--control', '0')
  await says('virtual depot ready: 24 stations')
  await says('faults at http://127.0.0.1:')
  await says('transaction-started')
  await says('"status":"Charging"')
  child.kill('SIGTERM')
  await ended
  expect(child.exitCode).toBe(0)
  expect(csms.of('BootNotification').length).toBeGreaterThan(0)
  await csms.close()
})
