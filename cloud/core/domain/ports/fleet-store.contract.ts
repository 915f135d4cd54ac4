import { createHash } from 'node:crypto'
import { type Instant, instant, milliseconds, minutes } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FleetStore, IncomingBatch, IncomingRecord } from './fleet-store.ts'

const at = (n: number): Instant => instant(Date.UTC(2026, 10, 21, 18) + n * 60_000)
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const startOf = (epoch: string): string => sha256(epoch)

/** A log of energy readings of one transaction, 1 Wh each, chained as a depot would. */
function logOf(epoch: string, count: number, from = 'T1'): IncomingRecord[] {
  const records: IncomingRecord[] = []
  let hash = startOf(epoch)
  for (let seq = 1; seq <= count; seq++) {
    const line = `{"seq":${seq},"of":"${from}"}`
    hash = sha256(hash + line)
    const event = { kind: 'energy', transaction: from, energyWh: seq, socPct: null, at: at(seq) } as const
    const times = { occurredAt: at(seq), recordedAt: at(seq) }
    records.push({ seq, line, hash, type: 'TransactionEnergyRead', ...times, event, quarantine: null })
  }
  return records
}

function slice(
  depot: string,
  epoch: string,
  all: readonly IncomingRecord[],
  range: { from: number; to: number },
): IncomingBatch {
  const records = all.slice(range.from - 1, range.to)
  const prevHash = all[range.from - 2]?.hash ?? startOf(epoch)
  return { depot, epoch, prevHash, records, at: at(range.to) }
}

const claim = (depot: string, epoch: string, prevEpoch: string | null = null) => ({
  ...{ depot, epoch, prevEpoch, cause: 'start', start: startOf(epoch), at: at(0) },
})

type Behaviour = (store: FleetStore, depot: string) => Promise<void>

const epochs: Readonly<Record<string, Behaviour>> = {
  'the first epoch of a depot is accepted, and is the same afterwards': async (store, depot) => {
    const first = { state: 'current', epochNo: 1, head: { seq: 0, hash: startOf('e1') } }
    expect(await store.claimEpoch(claim(depot, 'e1'))).toEqual(first)
    expect(await store.claimEpoch(claim(depot, 'e1'))).toEqual(first)
  },

  'an epoch that follows the current one fences it': async (store, depot) => {
    await store.claimEpoch(claim(depot, 'e1'))
    expect(await store.claimEpoch(claim(depot, 'e2', 'e1'))).toMatchObject({ state: 'current', epochNo: 2 })
    expect(await store.claimEpoch(claim(depot, 'e1'))).toMatchObject({ state: 'fenced', epochNo: 2 })
  },

  'any other epoch is unknown and changes nothing': async (store, depot) => {
    await store.claimEpoch(claim(depot, 'e1'))
    expect(await store.claimEpoch(claim(depot, 'e9', 'e5'))).toMatchObject({ state: 'unknown', epochNo: 1 })
    expect(await store.claimEpoch(claim(depot, 'e1'))).toMatchObject({ state: 'current' })
  },
}

const commits: Readonly<Record<string, Behaviour>> = {
  'a batch moves the head and can be read back': async (store, depot) => {
    const log = logOf('e1', 5)
    await store.claimEpoch(claim(depot, 'e1'))
    const result = await store.commit(slice(depot, 'e1', log, { from: 1, to: 5 }))
    expect(result).toEqual({ kind: 'committed', head: { seq: 5, hash: log[4]?.hash }, added: 5 })
    const facts = await store.facts(depot, 'e1', { after: 3, limit: 10 })
    expect(facts.map(({ seq, line, occurredAt }) => ({ seq, line, occurredAt }))).toEqual(
      log.slice(3).map(({ seq, line, occurredAt }) => ({ seq, line, occurredAt })),
    )
  },

  'a batch that leaves a gap changes nothing': async (store, depot) => {
    const log = logOf('e1', 5)
    await store.claimEpoch(claim(depot, 'e1'))
    expect(await store.commit(slice(depot, 'e1', log, { from: 3, to: 5 }))).toMatchObject({
      kind: 'gap',
      head: { seq: 0 },
    })
    expect(await store.facts(depot, 'e1', { after: 0, limit: 10 })).toEqual([])
  },

  'a known number with another content is a conflict and changes nothing': async (store, depot) => {
    const [mine, other] = [logOf('e1', 6), logOf('e1', 6, 'T2')]
    await store.claimEpoch(claim(depot, 'e1'))
    await store.commit(slice(depot, 'e1', mine, { from: 1, to: 4 }))
    for (const range of [
      { from: 1, to: 3 },
      { from: 3, to: 6 },
      { from: 5, to: 6 },
    ])
      expect(await store.commit(slice(depot, 'e1', other, range))).toMatchObject({
        kind: 'conflict',
        head: { seq: 4 },
      })
    expect(await store.transactions(depot, 10)).toHaveLength(1)
  },

  'Y13: whatever comes twice, late or out of order, the store holds a prefix, and in the end all of it once':
    async (store, depot) => {
      const ranges = fc.array(
        fc
          .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 9 }))
          .map(([from, more]) => ({ from, to: Math.min(30, from + more) })),
        { maxLength: 12 },
      )
      let run = 0
      await fc.assert(
        fc.asyncProperty(ranges, async (sent) => {
          const [id, epoch] = [`${depot}-${++run}`, `e-${run}`]
          const log = logOf(epoch, 30)
          await store.registerDepots([{ id, name: id }])
          await store.claimEpoch(claim(id, epoch))
          let head = 0
          for (const range of [...sent, { from: 1, to: 30 }]) {
            const result = await store.commit(slice(id, epoch, log, range))
            if (range.from <= head + 1) head = Math.max(head, range.to)
            expect(result).toMatchObject({ head: { seq: head } })
          }
          const held = await store.facts(id, epoch, { after: 0, limit: 100 })
          expect(held.map((fact) => fact.line)).toEqual(log.map((record) => record.line))
          expect(await store.totals(id, at(0))).toMatchObject({ energyWh: 30 })
        }),
        { numRuns: 15 },
      )
    },

  'batches of one depot that arrive at the same moment are applied one after the other': async (
    store,
    depot,
  ) => {
    const log = logOf('e1', 40)
    await store.claimEpoch(claim(depot, 'e1'))
    const twice = [1, 1, 11, 11, 21, 21, 31, 31].map((from) =>
      slice(depot, 'e1', log, { from, to: from + 9 }),
    )
    for (let round = 0; round < 4; round++) await Promise.all(twice.map((batch) => store.commit(batch)))
    expect(await store.facts(depot, 'e1', { after: 0, limit: 100 })).toHaveLength(40)
    expect(await store.totals(depot, at(0))).toMatchObject({ energyWh: 40 })
  },

  'a record set aside keeps its place and is counted': async (store, depot) => {
    const log = logOf('e1', 3)
    await store.claimEpoch(claim(depot, 'e1'))
    const aside = log.map((r) => (r.seq === 2 ? { ...r, quarantine: { code: 'schema', reason: 'odd' } } : r))
    await store.commit(slice(depot, 'e1', aside, { from: 1, to: 3 }))
    expect((await store.facts(depot, 'e1', { after: 1, limit: 1 }))[0]).toMatchObject({ seq: 2, line: null })
    const stored = (await store.load()).find((row) => row.id === depot)
    expect(stored).toMatchObject({ quarantined: 1, head: { seq: 3 }, epoch: 'e1', lastCommittedAt: at(3) })
  },
}

const views: Readonly<Record<string, Behaviour>> = {
  'a transaction is started, read and ended; energy counts in the quarter it was told': async (
    store,
    depot,
  ) => {
    const [first, second, third] = logOf('e1', 3)
    if (!first || !second || !third) return expect.fail()
    const of = { transaction: 'T1', station: 'A-01', evse: 1 }
    const started = {
      kind: 'started',
      ...of,
      idToken: 'tag',
      vehicle: 'bus-1',
      startedAt: at(1),
      at: at(1),
    } as const
    const energy = { kind: 'energy', transaction: 'T1', energyWh: 700, socPct: 40, at: at(14) } as const
    const ended = {
      kind: 'ended',
      ...of,
      energyWh: 900,
      endedAt: at(16),
      reason: 'Local',
      incomplete: false,
      at: at(16),
    } as const
    await store.claimEpoch(claim(depot, 'e1'))
    const records = [
      { ...first, event: started },
      { ...second, event: energy },
    ]
    await store.commit({ depot, epoch: 'e1', prevHash: startOf('e1'), records, at: at(14) })
    expect(await store.totals(depot, at(0))).toEqual({ energyWh: 700, running: 1, startedSince: 1 })
    await store.commit({
      depot,
      epoch: 'e1',
      prevHash: second.hash,
      records: [{ ...third, event: ended }],
      at: at(16),
    })
    expect(await store.totals(depot, at(0))).toEqual({ energyWh: 900, running: 0, startedSince: 1 })
    expect(await store.totals(depot, at(15))).toEqual({ energyWh: 200, running: 0, startedSince: 0 })
    const told = {
      vehicle: 'bus-1',
      idToken: 'tag',
      startedAt: at(1),
      endedAt: at(16),
      energyWh: 900,
      socPct: 40,
    }
    expect(await store.transactions(depot, 10)).toEqual([
      { ...of, ...told, reason: 'Local', incomplete: false },
    ])
  },

  'the last picture, presence and heartbeat come back, and only recent minutes of power': async (
    store,
    depot,
  ) => {
    const keep = minutes(2)
    for (const minute of [0, 1, 1, 3]) {
      const power = { at: at(minute), importW: minute === 3 ? null : 100 + minute }
      await store.saveSnapshot(depot, `{"n":${minute}}`, power, keep)
    }
    await store.savePresence(depot, '{"online":true}')
    await store.saveHeard(depot, at(4))
    const stored = (await store.load()).find((row) => row.id === depot)
    expect(stored).toMatchObject({ snapshot: '{"n":3}', presence: '{"online":true}', lastHeardAt: at(4) })
    expect(await store.powerSince(depot, instant(at(0) - milliseconds(1)))).toEqual([
      { at: at(1), importW: 101 },
      { at: at(3), importW: null },
    ])
  },

  'registering again keeps what is there': async (store, depot) => {
    await store.saveHeard(depot, at(4))
    await store.registerDepots([{ id: depot, name: 'New name' }])
    expect((await store.load()).find((row) => row.id === depot)?.lastHeardAt).toBe(at(4))
  },

  'it answers': async (store) => {
    await store.ping()
  },
}

/** What every FleetStore does. `open` gives the store of the whole suite; each check uses a depot of its own. */
export function fleetStoreContract(name: string, open: () => FleetStore): void {
  describe(`${name} as a FleetStore`, () => {
    for (const [index, [behaviour, check]] of Object.entries({ ...epochs, ...commits, ...views }).entries())
      test(behaviour, async () => {
        const store = open()
        const depot = `dep-${index}`
        await store.registerDepots([{ id: depot, name: depot }])
        await check(store, depot)
      })
  })
}
