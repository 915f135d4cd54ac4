import { as } from '@busbar/model/ids.ts'
import { percent, wattHours } from '@busbar/units/electricity.ts'
import { type Instant, instant } from '@busbar/units/time.ts'
import fc from 'fast-check'
import type { Fact, FactOf } from '../facts.ts'
import type { Batch } from './fact-log.ts'

const start = Date.UTC(2026, 10, 21, 18)

/** The `n`th second of the evening the contract suites play in. */
export const second = (n: number): Instant => instant(start + n * 1000)

export const connected = (
  station: string,
  connection: number,
  at = second(connection),
): FactOf<'StationConnected'> => ({
  type: 'StationConnected',
  occurred_at: at,
  clock: 'synced',
  entity: { type: 'station', id: station },
  data: { station: as(station), connection, protocol: 'ocpp1.6', remote_address: '127.0.0.1' },
})

const disconnected = (station: string, connection: number, at: Instant): Fact => ({
  type: 'StationDisconnected',
  occurred_at: at,
  clock: 'synced',
  entity: { type: 'station', id: station },
  data: { station: as(station), connection, reason: 'Kabel gezogen – "x"\n' },
})

const entity = (id: string) => ({ type: 'transaction', id }) as const

export const started = (id: string, at: Instant): FactOf<'TransactionStarted'> => ({
  type: 'TransactionStarted',
  occurred_at: at,
  clock: 'synced',
  entity: entity(id),
  data: {
    transaction: as(id),
    station: as('A-01'),
    evse: 1,
    connector: 1,
    id_token: as('BUS-7'),
    authorization: 'Accepted',
    vehicle: null,
    meter_start_wh: wattHours(0),
    started_at: at,
    start_key: id,
    suspect: null,
  },
})

export const energyRead = (id: string, wh: number, at: Instant): FactOf<'TransactionEnergyRead'> => ({
  type: 'TransactionEnergyRead',
  occurred_at: at,
  clock: 'synced',
  entity: entity(id),
  data: { transaction: as(id), register_wh: wattHours(wh), energy_wh: wattHours(wh), soc_pct: percent(0) },
})

export const ended = (id: string, wh: number, at: Instant): FactOf<'TransactionEnded'> => ({
  type: 'TransactionEnded',
  occurred_at: at,
  clock: 'synced',
  entity: entity(id),
  data: {
    transaction: as(id),
    station: as('A-01'),
    evse: 1,
    meter_stop_wh: wattHours(wh),
    energy_wh: wattHours(wh),
    ended_at: at,
    reason: 'Local',
    incomplete: false,
    suspect: null,
  },
})

/** One batch of facts without samples. */
export const batch = (...facts: readonly Fact[]): Batch => ({ facts, samples: [], recordedAt: second(0) })

const name = fc.constantFrom('A-01', 'A-02', 'B-01')
const transaction = fc.constantFrom('1', '2', '3', '4')
const at = fc.nat({ max: 3600 }).map(second)
const wh = fc.nat({ max: 400_000 })

const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc.tuple(name, fc.nat({ max: 9 }), at).map(([station, n, when]) => connected(station, n, when)),
  fc.tuple(name, fc.nat({ max: 9 }), at).map(([station, n, when]) => disconnected(station, n, when)),
  fc.tuple(transaction, at).map(([id, when]) => started(id, when)),
  fc.tuple(transaction, wh, at).map(([id, n, when]) => energyRead(id, n, when)),
  fc.tuple(transaction, wh, at).map(([id, n, when]) => ended(id, n, when)),
)

/** Random histories, in any order a faulty world may bring, cut into batches. */
export const histories: fc.Arbitrary<readonly (readonly Fact[])[]> = fc.array(
  fc.array(fact, { maxLength: 5 }),
  { maxLength: 12 },
)
