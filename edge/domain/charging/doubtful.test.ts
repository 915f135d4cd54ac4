import { as, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { type Instant, instant } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import type { Fact } from '../facts.ts'
import { type Doubtful, doubtfulRecords } from './doubtful.ts'

const station = as<StationId>('A')
const transaction = as<TransactionId>('1')
const about = { occurred_at: instant(5), clock: 'synced', entity: { type: 'station', id: 'A' } } as const
const orphan = (reason: string): Fact => ({
  ...about,
  type: 'OrphanReported',
  data: { station, message: 'transaction-ended', reason, record: '[2]' },
})
const end = (of: { incomplete?: boolean; suspect?: string | null }, corrected = false): Fact => ({
  ...about,
  type: corrected ? 'TransactionCorrected' : 'TransactionEnded',
  data: {
    ...{ transaction, station, evse: 1, meter_stop_wh: wattHours(2), energy_wh: wattHours(1) },
    ...{ ended_at: instant(4), reason: 'Local', incomplete: false, suspect: null, ...of },
  },
})
const settled = (doubt: string): Fact => ({
  ...about,
  type: 'DoubtSettled',
  data: { doubt, station, transaction: null, resolution: 'dismissed', reason: 'seen', by: 'me' },
})
const fold = (...facts: readonly Fact[]): readonly Doubtful[] =>
  facts.reduce<readonly Doubtful[] | undefined>(
    (row, fact) => doubtfulRecords.next(row, { seq: 0, recorded_at: 0 as Instant, fact }),
    undefined,
  ) ?? []

test('two orphans of one moment have names of their own, and each is settled by its own', () => {
  const [first, second] = fold(orphan('a'), orphan('b'))
  expect(first?.id).not.toBe(second?.id)
  expect(fold(orphan('a'), orphan('b'), settled(first?.id ?? '')).map(({ reasons }) => reasons)).toEqual([
    ['b'],
  ])
})

test('a transaction is in doubt once, with every reason, until it is settled', () => {
  const flagged: Fact = {
    ...about,
    type: 'TransactionFlagged',
    data: { transaction, station, reason: 'power -1' },
  }
  const facts = [flagged, flagged, end({ suspect: 'early' })]
  expect(fold(...facts)).toMatchObject([
    { kind: 'suspect', transaction: '1', reasons: ['power -1', 'early'] },
  ])
  expect(fold(...facts, settled('transaction~1'))).toEqual([])
})

test('one that was closed for want of an end is in doubt no more once that came', () => {
  expect(fold(end({ incomplete: true }))).toHaveLength(1)
  expect(fold(end({ incomplete: true }), end({}, true))).toEqual([])
})

test('a station that invents records drives out only its own oldest', () => {
  const many = Array.from({ length: 300 }, (_, n) => orphan(String(n)))
  const kept = fold(...many)
  expect(kept).toHaveLength(200)
  expect(kept.at(-1)?.reasons).toEqual(['299'])
})
