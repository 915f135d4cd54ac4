import { execFile } from 'node:child_process'
import { minutes } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestDepot } from './test-depot.ts'

const COMMAND = 'edge/composition/station-command.ts'

/** What `npm run station -- …` says and ends with. */
const station = (...args: readonly string[]) =>
  new Promise<{ said: string; code: number }>((resolve) => {
    const child = execFile(process.execPath, [COMMAND, ...args], { encoding: 'utf8' }, (_, out, error) =>
      resolve({ said: out + error, code: child.exitCode ?? -1 }),
    )
  })

describe('the command that tests stations', () => {
  let test: TestDepot
  beforeEach(async () => {
    test = await TestDepot.start({
      gridA: 140,
      otherA: 60,
      feeders: [{ id: 'f1', ratingA: 100 }],
      stations: [{ id: 'A', feeder: 'f1' }],
    })
    await test.until('every station is reconciled', () => test.edge.control.depot.ready, minutes(2))
  })
  afterEach(() => test.stop())

  it('says what a test would do and why it would be refused, and starts none without a vehicle', async () => {
    const api = ['--api', test.edge.httpAddress]
    const preview = await station('preview', 'A', '--vehicle-charges', ...api)
    expect(preview.code).toBe(0)
    expect(preview.said).toContain('It would be refused: no transaction runs there')
    expect(preview.said).toContain('It counts at 32 A')
    expect(preview.said).toContain('grid-meter')
    const refused = await station('test', 'A', ...api)
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('confirm') })
    expect(await station('result', 'A', ...api)).toMatchObject({ code: 0, said: '"not tested"\n' })
    expect((await station('cancel', 'A', ...api)).code).toBe(1)
  })

  it('tells how it is used', async () => {
    expect((await station('test')).said).toContain('--vehicle-charges')
  })
})
