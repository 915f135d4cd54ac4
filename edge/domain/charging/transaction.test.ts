import { as, type IdToken, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import { percent, wattHours } from '@busbar/units/electricity.ts'
import { instant } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { Fact, FactTypes } from '../facts.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'
import {
  energyTo,
  knownTransactions,
  nextTransactionId,
  openTransactions,
  REMEMBERED,
  transactionNumber,
} from './transaction.ts'

const station = as<StationId>('A')
const fact = <T extends keyof FactTypes>(type: T, data: FactTypes[T]): Fact =>
  ({ type, occurred_at: instant(0), clock: 'synced', entity: { type: 'transaction', id: '' }, data }) as Fact
const started = (id: number, meterWh = 1000): Fact =>
  fact('TransactionStarted', {
    transaction: as<TransactionId>(String(id)),
    station,
    evse: 1,
    connector: 1,
    id_token: as<IdToken>('T'),
    authorization: 'Accepted',
    vehicle: null,
    meter_start_wh: wattHours(meterWh),
    started_at: instant(id),
    start_key: `key-${id}`,
    suspect: null,
  })
const read = (id: number, wh: number, soc: number | null = null): Fact =>
  fact('TransactionEnergyRead', {
    transaction: as<TransactionId>(String(id)),
    register_wh: wattHours(wh),
    energy_wh: wattHours(0),
    soc_pct: soc === null ? null : percent(soc),
  })
const end = (type: 'TransactionEnded' | 'TransactionCorrected', id: number, incomplete = false): Fact =>
  fact(type, {
    transaction: as<TransactionId>(String(id)),
    station,
    evse: 1,
    meter_stop_wh: wattHours(5000),
    energy_wh: wattHours(4000),
    ended_at: instant(0),
    reason: 'Local',
    incomplete,
    suspect: null,
  })

/** The rows of a read model after these facts. */
function fold<Row>(definition: ProjectionDefinition<Row>, facts: readonly Fact[]): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>()
  for (const each of facts) {
    const stored = { seq: 1, recorded_at: instant(0), fact: each }
    for (const key of definition.keys(stored)) {
      const next = definition.next(rows.get(key), stored)
      if (next === undefined) rows.delete(key)
      else rows.set(key, next)
    }
  }
  return rows
}

describe('open transactions', () => {
  test('run from their start to their end, with the last register and state of charge', () => {
    const rows = fold(openTransactions, [
      started(1),
      read(1, 2500, 40),
      read(1, 3000),
      started(2),
      end('TransactionEnded', 2),
    ])
    expect([...rows.keys()]).toEqual(['1'])
    expect(rows.get('1')).toMatchObject({ meterStartWh: 1000, registerWh: 3000, socPct: 40 })
  })

  test('count from the first register seen when none came with the start', () => {
    const rows = fold(openTransactions, [started(1, -1), read(1, 910_031), read(1, 910_114)])
    const open = rows.get('1')
    expect(open === undefined ? null : energyTo(open, open.registerWh)).toBe(83)
  })

  test('have delivered nothing while no register is known, and never less than nothing', () => {
    expect(energyTo({ meterStartWh: wattHours(-1) }, 910_031)).toBe(0)
    expect(energyTo({ meterStartWh: wattHours(1000) }, 900)).toBe(0)
  })

  test('are not made by a value for one that is not open', () => {
    expect(fold(openTransactions, [read(9, 100)]).size).toBe(0)
  })
})

describe('known transactions', () => {
  test('tell of each how it ended, and its correction', () => {
    const facts = [started(1), started(2), end('TransactionEnded', 1), end('TransactionEnded', 2, true)]
    const rows = (more: readonly Fact[]) => fold(knownTransactions, [...facts, ...more]).get('A')
    expect(rows([])?.map(({ startKey, end: how }) => [startKey, how?.incomplete])).toEqual([
      ['key-1', false],
      ['key-2', true],
    ])
    expect(rows([end('TransactionCorrected', 2)])?.at(-1)?.end?.incomplete).toBe(false)
  })

  test('are the running ones and the last that ended, so that years of them take no more room', () => {
    const facts = [started(0)]
    for (let n = 1; n <= 2 * REMEMBERED; n++) facts.push(started(n), end('TransactionEnded', n))
    const known = fold(knownTransactions, facts).get('A') ?? []
    expect(known.length).toBe(REMEMBERED + 1)
    expect(known[0]).toMatchObject({ transaction: '0', end: null })
    expect(known.at(-1)?.transaction).toBe(String(2 * REMEMBERED))
  })
})

test('transaction numbers grow by one and are never used again', () => {
  const rows = fold(transactionNumber, [started(7), started(3)])
  expect(rows.get('last')).toBe(7)
  expect(nextTransactionId(rows.get('last') ?? 0)).toBe('8')
})
