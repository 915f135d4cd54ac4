import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DepotError } from '@busbar/model/depot-error.ts'
import { ScaledClock } from '@busbar/testing/scaled-clock.ts'
import { instant } from '@busbar/units/time.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fleetStoreContract } from '../../domain/ports/fleet-store.contract.ts'
import type { FleetStore, IncomingRecord } from '../../domain/ports/fleet-store.ts'
import { EmbeddedPostgres } from './embedded-postgres.ts'
import { openPostgres } from './open-postgres.ts'
import { PostgresFleetStore } from './postgres-fleet-store.ts'

const clock = new ScaledClock(1)
const opened: (() => Promise<void>)[] = []
let folder = ''
let server: EmbeddedPostgres
let store: FleetStore

const embedded = () => new EmbeddedPostgres({ folder, clock, onLine: () => undefined })

async function open(url: string): Promise<FleetStore> {
  const { db, close } = await openPostgres(url, () => undefined)
  opened.push(close)
  return new PostgresFleetStore(db)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-postgres-'))
  server = embedded()
  store = await open(process.env.BUSBAR_TEST_DATABASE_URL ?? (await server.start()))
})
afterAll(async () => {
  for (const close of opened) await close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

fleetStoreContract('PostgreSQL', () => store)

test('Y09: a record the database refuses is told apart from a database that is away', async () => {
  await store.registerDepots([{ id: 'poisoned', name: 'Poisoned' }])
  const at = instant(0)
  const hash = '0'.repeat(64)
  await store.claimEpoch({ depot: 'poisoned', epoch: 'e', prevEpoch: null, cause: 'start', start: hash, at })
  const event = { kind: 'energy', transaction: 'T\0', energyWh: 1, socPct: null, at } as const
  const record: IncomingRecord = {
    ...{ seq: 1, type: 'T', occurredAt: at, recordedAt: at, line: '{}', hash, event, quarantine: null },
  }
  const batch = { depot: 'poisoned', epoch: 'e', prevHash: hash, records: [record], at }
  await expect(store.commit(batch)).rejects.toMatchObject({ code: 'store.record-refused' })
  const nobody = openPostgres('postgres://nobody@127.0.0.1:1/x', () => undefined)
  await expect(nobody).rejects.toMatchObject({ code: 'store.unavailable' })
})

describe('the embedded server', () => {
  const startElsewhere = `
    const [, folder, program] = process.argv
    const { EmbeddedPostgres } = await import(program)
    const clock = { timer: (after, run) => { const t = setTimeout(run, after); return { cancel: () => clearTimeout(t) } } }
    console.log(await new EmbeddedPostgres({ folder, clock, onLine: () => undefined }).start())
  `

  test('refuses a folder that another process runs, and takes it over when that one is killed', async () => {
    const home = await mkdtemp(join(tmpdir(), 'busbar-postgres-'))
    const program = new URL('./embedded-postgres.ts', import.meta.url).href
    const args = ['--input-type=module', '-e', startElsewhere, home, program]
    const other = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(createInterface({ input: other.stdout }), 'line')
    const mine = new EmbeddedPostgres({ folder: home, clock, onLine: () => undefined })
    await expect(mine.start()).rejects.toEqual(expect.objectContaining({ code: 'store.in-use' }))
    other.kill('SIGKILL')
    await once(other, 'exit')
    const again = await open(await mine.start())
    await again.ping()
    await opened.pop()?.()
    await mine.stop()
    await rm(home, { recursive: true, force: true })
  })

  test('comes back by itself on the same port when it is killed', async () => {
    await store.ping()
    const lock = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')
    process.kill(Number(lock.split('\n')[0]), 'SIGKILL')
    await expect
      .poll(
        () =>
          store.ping().then(
            () => 'up',
            (error) => (error instanceof DepotError ? error.code : 'odd'),
          ),
        { timeout: 15_000 },
      )
      .toBe('store.unavailable')
    await expect
      .poll(
        () =>
          store.ping().then(
            () => 'up',
            () => 'down',
          ),
        { timeout: 15_000 },
      )
      .toBe('up')
  })
})
