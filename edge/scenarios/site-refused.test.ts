import { execFile } from 'node:child_process'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { depotYaml } from './depot-of.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-refused-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Starts the edge program on a configuration that it must not run; what it says and how it ends. */
async function refused(yaml: string): Promise<{ code: number; said: string; stored: boolean }> {
  const config = join(folder, 'depot.yaml')
  await writeFile(config, yaml)
  const ended = await new Promise<{ code: number; said: string }>((resolve) => {
    const args = ['--disable-warning=ExperimentalWarning', MAIN, '--config', config]
    execFile(process.execPath, args, { timeout: 60_000 }, (error, _out, said) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, said }),
    )
  })
  const stored = await access(join(folder, 'data')).then(
    () => true,
    () => false,
  )
  return { ...ended, said: ended.said.replaceAll(config, 'depot.yaml'), stored }
}

const five = ['A', 'B', 'C', 'D', 'E'].map((id) => ({ id, feeder: 'hall' }))
const sound = () =>
  depotYaml(
    { stations: five, feeders: [{ id: 'hall', ratingA: 40 }], gridA: 100, otherA: 20 },
    { data: 'data', meterPort: 1 },
  )

describe('the edge program does not start, and tells line, circuit and phase,', () => {
  test('F44 when the fallbacks of its stations do not fit a circuit', async () => {
    const yaml = sound().replace('rating_a: 40', 'rating_a: 25')
    expect(await refused(yaml)).toEqual({
      code: 1,
      said: expect.stringMatching(
        /^depot\.yaml:\d+: circuit hall: phase L1: fallbacks and other loads add up to 30\.0 A, above its 24\.0 A\n/,
      ),
      stored: false,
    })
  })

  test('F45 when a circuit feeds itself', async () => {
    const yaml = sound().replace(
      '- id: hall',
      '- { id: x, name: X, parent: y, rating_a: 50, other_loads_a: 0 }\n    - { id: y, name: Y, parent: x, rating_a: 50, other_loads_a: 0 }\n    - id: hall',
    )
    const { code, said, stored } = await refused(yaml)
    expect([code, stored]).toEqual([1, false])
    expect(said).toMatch(/depot\.yaml:\d+: circuit x: it feeds itself through its parents/)
    expect(said).toMatch(/depot\.yaml:\d+: circuit y: it feeds itself through its parents/)
  })

  test('F45 when a circuit hangs from none that exists', async () => {
    const { code, said, stored } = await refused(sound().replace('parent: grid', 'parent: grit'))
    expect([code, stored]).toEqual([1, false])
    expect(said).toMatch(/depot\.yaml:\d+: circuit hall: its parent "grit" does not exist/)
  })
})
