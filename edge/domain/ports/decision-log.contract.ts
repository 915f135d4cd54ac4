import { as, evseKey, type StationId } from '@busbar/model/ids.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { second } from './contract-facts.ts'
import type { DecisionEntry, DecisionLog } from './decision-log.ts'

/** A fresh, empty log; `written` resolves when all that was added can be read. */
export interface DecisionLogUnderTest {
  readonly log: DecisionLog
  written(): Promise<DecisionLog>
  close(): Promise<void>
}

const A = evseKey(as<StationId>('A'), 1)
const B = evseKey(as<StationId>('B'), 1)
const LONG = 'evses '.repeat(4000)

const decided = (n: number, record = `${LONG}${n}`): DecisionEntry => ({
  decision: { at: second(n), moves: n, record },
  reasons: [],
})
const said = (n: number, sentence: string, evse = A): DecisionEntry => ({
  decision: null,
  reasons: [{ at: second(n), evse, code: 'row-full', row: n % 2 === 0 ? 'hall/l1' : null, sentence }],
})
const ALL = { from: second(0), to: second(10_000), limit: 1000 }

/** What every DecisionLog does. */
export function decisionLogContract(name: string, open: () => Promise<DecisionLogUnderTest>): void {
  describe(`${name} as a DecisionLog`, () => {
    let opened: DecisionLogUnderTest
    afterEach(() => opened.close())
    const filled = async (...entries: readonly DecisionEntry[]): Promise<DecisionLog> => {
      opened = await open()
      for (const entry of entries) opened.log.add(entry)
      return opened.written()
    }

    test('gives decisions newest first, and each record as it was', async () => {
      const log = await filled(...Array.from({ length: 400 }, (_, n) => decided(n)))
      const all = await log.decisions(ALL)
      expect(all.map(({ moves }) => moves)).toEqual(Array.from({ length: 400 }, (_, n) => 399 - n))
      for (const { id, moves } of all.filter(({ moves }) => moves % 97 === 0 || moves > 397))
        expect(await log.record(id)).toBe(`${LONG}${moves}`)
    })

    test('gives those of a window, as many as asked for', async () => {
      const log = await filled(decided(1), decided(2), decided(3), decided(4))
      const within = await log.decisions({ from: second(2), to: second(4), limit: 10 })
      expect(within.map(({ moves }) => moves)).toEqual([3, 2])
      expect(await log.decisions({ ...ALL, limit: 1 })).toHaveLength(1)
    })

    test('knows no record that is not there', async () => {
      const log = await filled(decided(1))
      expect(await log.record(99)).toBeNull()
    })

    test('gives the sentences of one EVSE, and the one that held when the window began', async () => {
      const log = await filled(
        said(1, 'one'),
        said(2, 'two'),
        said(2, 'other', B),
        said(3, 'three'),
        said(9, 'nine'),
      )
      const reasons = await log.reasons({ evse: A, from: second(3), to: second(9), limit: 10 })
      expect(reasons).toEqual([
        { at: second(3), evse: A, code: 'row-full', row: null, sentence: 'three' },
        { at: second(2), evse: A, code: 'row-full', row: 'hall/l1', sentence: 'two' },
      ])
      expect(await log.reasons({ ...ALL, evse: B })).toHaveLength(1)
    })

    test('says what it holds', async () => {
      const log = await filled(decided(5), said(6, 'x'), decided(7))
      expect(await log.use()).toMatchObject({ decisions: 2, from: second(5), dropped: 0 })
    })
  })
}
