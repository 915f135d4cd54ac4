import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterEach, expect, test } from 'vitest'
import { storedFact } from '../../domain/ports/fact-line.ts'
import { brokenAt } from '../../domain/ports/fact-log.contract.ts'
import { readModels } from '../../domain/ports/projections.contract.ts'
import { TestStores } from './test-stores.ts'

const writer = fileURLToPath(new URL('./killed-writer.ts', import.meta.url))
const models = new URL('../../domain/ports/contract-projections.ts', import.meta.url).href
const stores = new TestStores(new FakeClock())
afterEach(() => stores.remove())

/** Lets a writer run until it has acknowledged `count` appends, kills it, and answers what it said. */
async function writeAndKill(folder: string, seed: number, count: number) {
  const child = spawn(process.execPath, [writer, folder, String(seed), models], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acks: { seq: number; token: string }[] = []
  let opened = -1
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, seq, token = ''] = line.split(' ')
    if (word === 'opened') opened = Number(seq)
    else acks.push({ seq: Number(seq), token })
    if (acks.length >= count) child.kill('SIGKILL')
  }
  return { opened, acks }
}

test('killed at any point, the sequence has no gap and every acknowledged fact is there', async () => {
  const folder = await stores.folder()
  const acknowledged: { seq: number; token: string }[] = []
  for (let kill = 0; kill < 20; kill++) {
    const highest = Math.max(0, ...acknowledged.map(({ seq }) => seq))
    const { opened, acks } = await writeAndKill(folder, kill, (kill * 37) % 101)
    expect(opened).toBeGreaterThanOrEqual(highest)
    acknowledged.push(...acks)
  }
  const store = await stores.started(folder)
  const head = await store.factLog.head()
  const records = await store.factLog.read(0, head.seq)
  expect(brokenAt(head, records)).toBeNull()
  expect(acknowledged.length).toBeGreaterThan(500)
  const stored = acknowledged.map(({ seq }) => storedFact(records[seq - 1]?.line ?? '{}').fact.entity.id)
  expect(stored).toEqual(acknowledged.map(({ token }) => token))
  const before = await readModels(store.projections)
  await store.projections.rebuild()
  expect(await readModels(store.projections)).toEqual(before)
}, 60_000)
