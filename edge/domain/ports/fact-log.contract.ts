import { createHash } from 'node:crypto'
import { as } from '@busbar/model/ids.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batch, connected, histories, second } from './contract-facts.ts'
import { storedFact } from './fact-line.ts'
import type { FactLog, LogHead, LogRecord } from './fact-log.ts'
import type { Projections } from './projections.ts'

/** A fresh, empty store whose read models are those of `contract-projections.ts`. */
export interface StoreUnderTest {
  readonly factLog: FactLog
  readonly projections: Projections
  close(): Promise<void>
}

const sha256 = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** What is wrong with the log as a chain from 1; null when nothing is. */
export function brokenAt(head: LogHead, records: readonly LogRecord[]): string | null {
  let before = sha256(head.epoch)
  for (const [index, { seq, line, hash }] of records.entries()) {
    if (seq !== index + 1 || storedFact(line).seq !== seq) return `record ${index + 1} is numbered ${seq}`
    if (hash !== sha256(Buffer.from(before, 'hex'), line)) return `record ${seq} does not continue the chain`
    before = hash
  }
  return records.length === head.seq && before === head.hash
    ? null
    : `the log ends at ${records.length}, its head at ${head.seq}`
}

const behaviours: Readonly<Record<string, (store: StoreUnderTest) => Promise<void>>> = {
  'an empty log stands at 0 and its chain begins with the epoch': async ({ factLog: log }) => {
    const head = await log.head()
    expect(head).toMatchObject({ seq: 0, acked: 0, floor: 1, prevEpoch: null, hash: sha256(head.epoch) })
    expect(await log.hashAt(0)).toBe(head.hash)
    expect(await log.read(0, 10)).toEqual([])
  },

  'facts are numbered from 1 without a gap, in the order of their appends': async ({ factLog: log }) => {
    const seqs = await Promise.all([
      log.append(batch(connected('A-01', 1), connected('A-02', 2))),
      log.append(batch(connected('A-03', 3))),
      log.append(batch()),
      log.append(batch(connected('A-04', 4))),
    ])
    expect(seqs).toEqual([2, 3, 3, 4])
    const records = await log.read(0, 10)
    expect(records.map(({ line }) => storedFact(line).fact.entity.id)).toEqual([
      'A-01',
      'A-02',
      'A-03',
      'A-04',
    ])
  },

  'a line is the text the wire contract names, and reads back as the fact it was': async ({
    factLog: log,
  }) => {
    const fact = connected('Bü-01', 0, second(0))
    await log.append({ facts: [fact], samples: [], recordedAt: second(1) })
    const [record] = await log.read(0, 1)
    expect(record?.line).toBe(
      '{"seq":1,"type":"StationConnected","sv":1,"occurred_at":"2026-11-21T18:00:00.000Z",' +
        '"recorded_at":"2026-11-21T18:00:01.000Z","clock":"synced","entity":{"type":"station","id":"Bü-01"},' +
        '"data":{"station":"Bü-01","connection":0,"protocol":"ocpp1.6","remote_address":"127.0.0.1"}}',
    )
    expect(storedFact(record?.line ?? '')).toEqual({ seq: 1, recorded_at: second(1), fact })
  },

  'any history gives a chain that verifies': async ({ factLog: log }) => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        await Promise.all(history.map((facts) => log.append(batch(...facts))))
        const head = await log.head()
        expect(brokenAt(head, await log.read(0, head.seq))).toBeNull()
      }),
      { numRuns: 20 },
    )
  },

  'reading goes on after a number and stops at the limit': async ({ factLog: log }) => {
    await log.append(batch(...[1, 2, 3, 4, 5].map((n) => connected('A-01', n))))
    expect((await log.read(1, 2)).map(({ seq }) => seq)).toEqual([2, 3])
    expect((await log.read(4, 9)).map(({ seq }) => seq)).toEqual([5])
    expect(await log.read(5, 9)).toEqual([])
  },

  'the chain value of a number that is not held is unknown': async ({ factLog: log }) => {
    await log.append(batch(connected('A-01', 1)))
    expect(await log.hashAt(1)).toBe((await log.head()).hash)
    expect(await log.hashAt(2)).toBeNull()
    expect(await log.hashAt(-1)).toBeNull()
  },

  'the cursor of the cloud moves forward only': async ({ factLog: log }) => {
    await log.append(batch(connected('A-01', 1), connected('A-01', 2)))
    await log.acknowledge(2)
    await log.acknowledge(1)
    expect((await log.head()).acked).toBe(2)
  },

  'a number that was never given cannot be acknowledged': async ({ factLog: log }) => {
    await expect(log.acknowledge(1)).rejects.toMatchObject({ code: 'store.failed' })
    expect((await log.head()).acked).toBe(0)
  },

  'a commit is told with the new head until its listener leaves': async ({ factLog: log }) => {
    const heard: number[] = []
    const leave = log.onCommit((seq) => heard.push(seq))
    await log.append(batch(connected('A-01', 1), connected('A-01', 2)))
    await log.append(batch())
    leave()
    await log.append(batch(connected('A-01', 3)))
    expect(heard).toEqual([2])
  },

  'a listener may append': async ({ factLog: log }) => {
    const leave = log.onCommit(() => {
      leave()
      void log.append(batch(connected('A-02', 2)))
    })
    await log.append(batch(connected('A-01', 1)))
    await log.append(batch())
    expect((await log.head()).seq).toBe(2)
  },

  'samples alone give no number': async ({ factLog: log }) => {
    const sample = { source: { meter: as<never>('grid') }, at: second(1), values: '{"power_w":0}' }
    expect(await log.append({ facts: [], samples: [sample], recordedAt: second(1) })).toBe(0)
  },

  'a fact that cannot be written is refused and takes no number': async ({ factLog: log }) => {
    const broken = { ...connected('A-01', 1), occurred_at: as<never>('never') }
    await expect(log.append(batch(connected('A-01', 1), broken))).rejects.toMatchObject({
      code: 'store.failed',
    })
    expect(await log.append(batch(connected('A-01', 2)))).toBe(1)
  },
}

/** What every fact log must do. */
export function factLogContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as fact log`, () => {
    test.for(Object.entries(behaviours))('%s', async ([, behaviour]) => {
      const store = await open()
      await behaviour(store).finally(() => store.close())
    })
  })
}
