import { execFile } from 'node:child_process'
import { minutes } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestDepot } from './test-depot.ts'

const COMMAND = 'edge/composition/meter-command.ts'

/** What `npm run meter -- …` says and ends with. */
const meter = (...args: readonly string[]) =>
  new Promise<{ said: string; code: number }>((resolve) => {
    const child = execFile(process.execPath, [COMMAND, ...args], { encoding: 'utf8' }, (_, out, error) =>
      resolve({ said: out + error, code: child.exitCode ?? -1 }),
    )
  })

describe('the command that commissions meters', () => {
  let test: TestDepot
  beforeEach(async () => {
    test = await TestDepot.start({
      gridA: 140,
      otherA: 70,
      feeders: [{ id: 'f1', ratingA: 250 }],
      stations: [{ id: 'A', feeder: 'f1' }],
      vehicles: ['v1'],
    })
    await test.until('the meter is live', () => test.live().meters[0]?.quality === 'live', minutes(2))
  })
  afterEach(() => test.stop())

  const asked = async (...args: readonly string[]) => {
    const { said, code } = await meter(...args, '--api', test.edge.httpAddress)
    return { code, answer: JSON.parse(said) as Record<string, unknown> }
  }
  const one = ['--meter', 'grid-meter'] as const

  it('lists the known maps, and reads a device by one of them before there is a configuration', async () => {
    expect((await meter('profiles')).said).toMatch(/^janitza-umg .*Janitza/m)
    const at = ['--host', '127.0.0.1', '--port', String(test.depot.meterPort)]
    const read = await meter('read', '--profile', 'janitza-umg', ...at)
    expect(read.code).toBe(0)
    expect(read.said).toMatch(/offset 0$/m)
    expect(read.said).toMatch(/^f +19050 +4248 [0-9a-f]{4} +(49|50)\.\d+ Hz$/m)
    expect(read.said).toMatch(/^u_l1 .* V$/m)
  })

  it('asks a running depot for its meters, their registers and the report to keep', async () => {
    const list = await asked('list')
    expect(list.answer).toMatchObject({ meters: [{ id: 'grid-meter', standing: 'drives-limits' }] })
    const registers = await asked('registers', ...one)
    expect(registers.answer).toMatchObject({ raw: expect.any(Array), decoded: expect.any(Array) })
    expect((await asked('report', ...one)).answer).toMatchObject({ result: 'passed', by: 'controller' })
    expect((await asked('registers', '--meter', 'none')).code).toBe(1)
  })

  it('begins a self-test with the step of a station, whose result is in the report', async () => {
    test.plugIn('A', 'v1')
    await test.pass(minutes(2))
    const begun = await asked('test', ...one, '--station', 'A')
    expect(begun).toMatchObject({ code: 0, answer: { status: 'accepted' } })
    const report = async () => (await asked('report', ...one)).answer
    await test.untilReally('the step is in the report', async () => {
      const { by, step } = (await report()) as { by: string; step?: { verdict: string } | null }
      return by !== 'controller' && step?.verdict === 'fits'
    })
    expect(await report()).toMatchObject({ result: 'passed' })
  })

  it.each([
    ['a map that nobody knows', ['read', '--profile', 'none', '--host', '127.0.0.1'], '--profile: one of'],
    ['no place to look', ['read', '--profile', 'janitza-umg'], 'npm run meter'],
    ['no such action', ['bake'], 'npm run meter'],
  ])('%s ends with a reason and a code', async (_, args, reason) => {
    const { said, code } = await meter(...args)
    expect(said).toContain(reason)
    expect(code).toBe(1)
  })
})
