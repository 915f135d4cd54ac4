import { as, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import { amps } from '@busbar/units/electricity.ts'
import { instant } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { Fact, FactTypes } from '../facts.ts'
import { emptyLedger, type LimitLedger, limitLedgers } from './limit-ledger.ts'

const station = as<StationId>('A')
const transaction = as<TransactionId>('7')
const entity = { type: 'evse', id: 'A/1' } as const

const fact = <T extends keyof FactTypes>(type: T, data: FactTypes[T]): Fact =>
  ({ type, occurred_at: instant(0), clock: 'synced', entity, data }) as Fact
const sent = (request: number, a: number, until = 300): Fact =>
  fact('ChargingLimitSent', {
    station,
    evse: 1,
    request,
    purpose: 'transaction',
    transaction,
    limit: { limit_a: amps(a) },
    lease_until: instant(until * 1000),
  })
const fallback = (request: number, a: number): Fact =>
  fact('ChargingLimitSent', {
    station,
    evse: 1,
    request,
    purpose: 'default',
    transaction: null,
    limit: { limit_a: amps(a) },
    lease_until: null,
  })
const answered = (request: number, answer: FactTypes['ChargingLimitAnswered']['answer']): Fact =>
  fact('ChargingLimitAnswered', { station, evse: 1, request, answer, reason: null })
const released = (request: number): Fact =>
  fact('ChargingLimitReleased', { station, evse: 1, request, proof: 'measured' })
const ended = (id = transaction): Fact =>
  fact('TransactionEnded', {
    transaction: id,
    station,
    evse: 1,
    meter_stop_wh: 0 as never,
    energy_wh: 0 as never,
    ended_at: instant(0),
    reason: 'Local',
    incomplete: false,
    suspect: null,
  })

const fold = (facts: readonly Fact[]): LimitLedger =>
  facts.reduce<LimitLedger>(
    (row, each) => limitLedgers.next(row, { seq: 1, recorded_at: instant(0), fact: each }) ?? emptyLedger,
    emptyLedger,
  )
const standing = (facts: readonly Fact[]): readonly (readonly [number, string])[] =>
  fold(facts).standing.map(({ request, answer }) => [request, answer])

describe('the ledger of an EVSE', () => {
  test.each<[string, readonly Fact[], readonly (readonly [number, string])[]]>([
    ['holds a limit from the moment it is sent', [sent(1, 16)], [[1, 'pending']]],
    ['holds it when it is accepted', [sent(1, 16), answered(1, 'accepted')], [[1, 'accepted']]],
    ['holds it when nobody answers', [sent(1, 16), answered(1, 'unanswered')], [[1, 'unanswered']]],
    ['drops it when it is rejected', [sent(1, 16), answered(1, 'rejected')], []],
    ['drops it when it never left', [sent(1, 16), answered(1, 'not-sent')], []],
    [
      'holds the old limit beside an accepted lower one',
      [sent(1, 16), answered(1, 'accepted'), sent(2, 8), answered(2, 'accepted')],
      [
        [1, 'accepted'],
        [2, 'accepted'],
      ],
    ],
    [
      'drops the old limit for an accepted higher one',
      [sent(1, 16), answered(1, 'accepted'), sent(2, 20), answered(2, 'accepted')],
      [[2, 'accepted']],
    ],
    [
      'holds the old limit beside a higher one that nobody answered, for that may not have come',
      [sent(1, 16), answered(1, 'accepted'), sent(2, 20), answered(2, 'unanswered')],
      [
        [1, 'accepted'],
        [2, 'unanswered'],
      ],
    ],
    [
      'holds an old limit whose lease is longer',
      [sent(1, 16, 900), answered(1, 'accepted'), sent(2, 20, 300), answered(2, 'accepted')],
      [
        [1, 'accepted'],
        [2, 'accepted'],
      ],
    ],
    [
      'holds one of many attempts that nobody answers',
      [1, 2, 3, 4].flatMap((n) => [sent(n, 16, 300 + n), answered(n, 'unanswered')]),
      [[4, 'unanswered']],
    ],
    [
      'holds a decrease that nobody answered beside a later raise that nobody answered',
      [
        ...[sent(1, 20), answered(1, 'accepted'), sent(2, 8), answered(2, 'unanswered')],
        ...[sent(3, 32), answered(3, 'unanswered')],
      ],
      [
        [1, 'accepted'],
        [2, 'unanswered'],
        [3, 'unanswered'],
      ],
    ],
    [
      'drops what is older than a released limit',
      [sent(1, 16), answered(1, 'accepted'), sent(2, 8), answered(2, 'accepted'), released(2)],
      [[2, 'accepted']],
    ],
    [
      'holds what was sent after a released limit',
      [sent(1, 16), sent(2, 8), answered(2, 'accepted'), sent(3, 20), released(2)],
      [
        [2, 'accepted'],
        [3, 'pending'],
      ],
    ],
    ['drops the limits of a transaction with its end', [sent(1, 16), answered(1, 'accepted'), ended()], []],
    [
      'holds the limits of another transaction',
      [sent(1, 16), ended(as<TransactionId>('6'))],
      [[1, 'pending']],
    ],
    ['takes no notice of an answer to what it does not hold', [answered(9, 'accepted')], []],
  ])('%s', (_sentence, facts, entries) => {
    expect(standing(facts)).toEqual(entries)
  })

  test('takes a default as proven only when that is said', () => {
    const accepted = [fallback(1, 6), answered(1, 'accepted')]
    expect(fold(accepted).defaultProven).toBe(false)
    expect(fold([...accepted, released(1)]).defaultProven).toBe(true)
  })

  test('releases defaults and limits apart', () => {
    const ledger = fold([
      fallback(1, 10),
      answered(1, 'accepted'),
      sent(2, 16),
      answered(2, 'accepted'),
      fallback(3, 6),
      answered(3, 'accepted'),
      released(3),
    ])
    expect(ledger.defaults.map(({ request }) => request)).toEqual([3])
    expect(ledger.standing.map(({ request }) => request)).toEqual([2])
  })

  test('never gives a request number twice', () => {
    expect(fold([sent(4, 16), answered(4, 'rejected'), fallback(3, 6)]).lastRequest).toBe(4)
  })

  test('is one of its own for each EVSE', () => {
    expect(limitLedgers.keys({ seq: 1, recorded_at: instant(0), fact: sent(1, 16) })).toEqual(['A/1'])
    expect(
      limitLedgers.keys({
        seq: 1,
        recorded_at: instant(0),
        fact: fact('ControllerStarted', { boot_no: 1, software: '', config_hash: '' }),
      }),
    ).toEqual([])
  })
})
