import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { type Duration, hours, instant, later } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { decisionLogContract } from '../../domain/ports/decision-log.contract.ts'
import type { DecisionEntry } from '../../domain/ports/decision-log.ts'
import type { SqliteStore, StoreOptions } from './sqlite-store.ts'
import { TestStores } from './test-stores.ts'

const clock = new FakeClock()
const stores = new TestStores(clock)

decisionLogContract('SQLite', async () => {
  const folder = await stores.folder()
  const first = await stores.started(folder)
  return {
    log: first.decisions,
    written: async () => {
      await first.stop()
      return (await stores.started(folder)).decisions
    },
    close: () => stores.remove(),
  }
})

/** A record of about 20 kB in which little changes from one to the next. */
const record = (n: number): string =>
  JSON.stringify({
    evses: Array.from({ length: 200 }, (_, i) => [`S${i}/1`, [[i, 1]], i * 100, i === n % 200 ? n : 0]),
    at: n,
  })
const decided = (n: number, at = later(clock.now(), (n * 1000) as Duration)): DecisionEntry => ({
  decision: { at, moves: n, record: record(n) },
  reasons: [],
})
async function kept(
  entries: readonly DecisionEntry[],
  options: Partial<StoreOptions> = {},
): Promise<SqliteStore> {
  const folder = await stores.folder()
  const first = await stores.started(folder, options)
  for (const entry of entries) first.decisions.add(entry)
  await first.stop()
  return stores.started(folder, options)
}
const ALL = { from: instant(0), to: instant(Number.MAX_SAFE_INTEGER / 2), limit: 10_000 }

describe('the file of decisions', () => {
  afterEach(() => stores.remove())

  test('takes little for a record that is like the one before', async () => {
    const store = await kept(Array.from({ length: 400 }, (_, n) => decided(n)))
    const { decisions, bytes } = await store.decisions.use()
    expect(decisions).toBe(400)
    expect(bytes / decisions).toBeLessThan(400)
  })

  test('goes on after a restart, in which nothing is remembered', async () => {
    const folder = await stores.folder()
    for (const round of [0, 1, 2]) {
      const store = await stores.started(folder)
      for (const n of [0, 1]) store.decisions.add(decided(round * 2 + n))
      await store.stop()
    }
    const { decisions } = await stores.started(folder)
    const all = await decisions.decisions(ALL)
    expect(await Promise.all(all.map(({ id }) => decisions.record(id)))).toEqual(
      [5, 4, 3, 2, 1, 0].map(record),
    )
  })

  test('lets go of decisions after two weeks and of sentences after a day, and what is left can be read', async () => {
    const said = (at: number): DecisionEntry => ({
      decision: null,
      reasons: [{ at: instant(at), evse: 'A/1' as never, code: 'free', row: null, sentence: String(at) }],
    })
    const old = Array.from({ length: 300 }, (_, n) => decided(n, instant(clock.now() - hours(24 * 15) + n)))
    const fresh = [decided(900), decided(901)]
    const store = await kept([said(clock.now() - hours(25)), ...old, ...fresh, said(clock.now())])
    store.decisions.add(decided(902))
    const { decisions } = store
    const left = await decisions.decisions(ALL)
    expect(left.length).toBeLessThan(60)
    for (const { id, moves } of left) expect(await decisions.record(id)).toBe(record(moves))
    expect(await decisions.reasons({ ...ALL, evse: 'A/1' as never })).toHaveLength(1)
  })

  test('stays below its size by letting go of the oldest', async () => {
    const random = Array.from({ length: 1200 }, (_, n): DecisionEntry => {
      const noise = Array.from({ length: 60 }, (_, i) => Math.imul(n * 61 + i, 2_654_435_761) >>> 0).join()
      return { decision: { at: instant(clock.now() + n), moves: n, record: noise }, reasons: [] }
    })
    const store = await kept(random, { decisionCapBytes: 200_000 })
    const { bytes } = await store.decisions.use()
    expect(bytes).toBeLessThan(260_000)
    const left = await store.decisions.decisions(ALL)
    expect(left[0]?.moves).toBe(1199)
    expect(left.length).toBeLessThan(1000)
    expect(await store.decisions.record(left.at(-1)?.id ?? 0)).not.toBeNull()
  })
})
