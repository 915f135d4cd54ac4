import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batch, connected, ended, energyRead, histories, second, started } from './contract-facts.ts'
import { PROJECTIONS } from './contract-projections.ts'
import type { StoreUnderTest } from './fact-log.contract.ts'
import type { Projections } from './projections.ts'

const forEver = { from: second(-9e6), to: second(9e6), limit: 1000 }

/** Everything the read models say, in an order of its own. */
export async function readModels(projections: Projections): Promise<object> {
  const rows: Record<string, object> = {}
  for (const { name } of PROJECTIONS)
    rows[name] = Object.fromEntries((await projections.load(name)).map(({ key, row }) => [key, row]))
  return { rows, transactions: await projections.transactions(forEver) }
}

const behaviours: Readonly<Record<string, (store: StoreUnderTest) => Promise<void>>> = {
  'rows are the fold of the facts when their append resolves': async (store) => {
    await store.factLog.append(batch(connected('A-01', 4), connected('B-01', 5)))
    expect(await store.projections.load('connected')).toEqual([
      { key: 'A-01', row: { connection: 4, since: second(4), seq: 1 } },
      { key: 'B-01', row: { connection: 5, since: second(5), seq: 2 } },
    ])
    expect(await store.projections.load('counts')).toContainEqual({ key: 'all', row: { n: 2 } })
  },

  'a read model nobody defined is an error, not an empty one': async (store) => {
    await expect(store.projections.load('missing')).rejects.toMatchObject({ code: 'store.failed' })
  },

  'whatever the history, a rebuild changes nothing': async (store) => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        await Promise.all(history.map((facts) => store.factLog.append(batch(...facts))))
        const before = await readModels(store.projections)
        await store.projections.rebuild()
        expect(await readModels(store.projections)).toEqual(before)
      }),
      { numRuns: 20 },
    )
  },

  'a rebuild leaves the read models following': async (store) => {
    await store.factLog.append(batch(connected('A-01', 1)))
    await store.projections.rebuild()
    await store.factLog.append(batch(connected('A-01', 2)))
    expect(await store.projections.load('counts')).toContainEqual({ key: 'all', row: { n: 2 } })
  },

  'a transaction is listed from its start, with its energy and its end': async (store) => {
    await store.factLog.append(batch(started('1', second(10)), energyRead('1', 1500, second(20))))
    const open = { transaction: '1', station: 'A-01', evse: 1, vehicle: null, id_token: 'BUS-7' }
    const times = { started_at: '2026-11-21T18:00:10.000Z', ended_at: null }
    expect(await store.projections.transactions(forEver)).toEqual([
      { ...open, ...times, energy_wh: 1500, reason: null },
    ])
    await store.factLog.append(batch(ended('1', 2000, second(30)), energyRead('1', 1, second(31))))
    expect(await store.projections.transactions(forEver)).toEqual([
      { ...open, ...times, ended_at: '2026-11-21T18:00:30.000Z', energy_wh: 2000, reason: 'Local' },
    ])
  },

  'a window holds what ran in it, newest first, up to the limit': async (store) => {
    const facts = [
      started('1', second(0)),
      started('2', second(50)),
      started('3', second(100)),
      started('4', second(100)),
    ]
    await store.factLog.append(batch(...facts, ended('1', 0, second(40)), ended('2', 0, second(60))))
    const listed = async (from: number, to: number, limit = 9) =>
      (await store.projections.transactions({ from: second(from), to: second(to), limit })).map(
        (each) => each.transaction,
      )
    expect(await listed(0, 200)).toEqual(['4', '3', '2', '1'])
    expect(await listed(41, 99)).toEqual(['2'])
    expect(await listed(60, 99)).toEqual(['2'])
    expect(await listed(61, 99)).toEqual([])
    expect(await listed(500, 600)).toEqual(['4', '3'])
    expect(await listed(0, 200, 2)).toEqual(['4', '3'])
  },
}

/** What every keeper of read models must do. */
export function projectionsContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as read models`, () => {
    test.for(Object.entries(behaviours))('%s', async ([, behaviour]) => {
      const store = await open()
      await behaviour(store).finally(() => store.close())
    })
  })
}
