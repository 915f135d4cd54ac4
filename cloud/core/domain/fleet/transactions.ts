import { type Instant, instant } from '@busbar/units/time.ts'

/** What the transaction read model takes from a fact. `at` is when the fact occurred; energies are Wh since its start. */
export type TransactionEvent =
  | {
      readonly kind: 'started'
      readonly transaction: string
      readonly station: string
      readonly evse: number
      readonly idToken: string
      readonly vehicle: string | null
      readonly startedAt: Instant
      readonly at: Instant
    }
  | {
      readonly kind: 'energy'
      readonly transaction: string
      readonly energyWh: number
      readonly socPct: number | null
      readonly at: Instant
    }
  | {
      readonly kind: 'ended'
      readonly transaction: string
      readonly station: string
      readonly evse: number
      readonly energyWh: number
      readonly endedAt: Instant
      readonly reason: string
      readonly incomplete: boolean
      readonly at: Instant
    }

/** One transaction as far as the facts have told. */
export interface TransactionRow {
  readonly transaction: string
  readonly station: string | null
  readonly evse: number | null
  readonly vehicle: string | null
  readonly idToken: string | null
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
  readonly energyWh: number
  readonly socPct: number | null
  readonly reason: string | null
  readonly incomplete: boolean
}

/** Rows changed by a run of events, and the energy each quarter hour gained, Wh by start of the quarter. */
export interface TransactionChanges {
  readonly rows: ReadonlyMap<string, TransactionRow>
  readonly energy: ReadonlyMap<Instant, number>
}

const QUARTER_MS = 15 * 60_000

/** Start of the quarter hour of `at`; every time zone's noon falls on one. */
export const quarterOf = (at: Instant): Instant => instant(Math.floor(at / QUARTER_MS) * QUARTER_MS)

const blank = (transaction: string): TransactionRow => ({
  transaction,
  station: null,
  evse: null,
  vehicle: null,
  idToken: null,
  startedAt: null,
  endedAt: null,
  energyWh: 0,
  socPct: null,
  reason: null,
  incomplete: false,
})

/** Folds events, in the order of their facts, into the rows they touch. */
export function foldTransactions(
  before: ReadonlyMap<string, TransactionRow>,
  events: readonly TransactionEvent[],
): TransactionChanges {
  const rows = new Map<string, TransactionRow>()
  const energy = new Map<Instant, number>()
  for (const event of events) {
    const row = rows.get(event.transaction) ?? before.get(event.transaction) ?? blank(event.transaction)
    const next = applyEvent(row, event)
    rows.set(event.transaction, next)
    const gained = next.energyWh - row.energyWh
    const quarter = quarterOf(event.at)
    if (gained !== 0) energy.set(quarter, (energy.get(quarter) ?? 0) + gained)
  }
  return { rows, energy }
}

function applyEvent(row: TransactionRow, event: TransactionEvent): TransactionRow {
  switch (event.kind) {
    case 'started': {
      const { station, evse, idToken, vehicle, startedAt } = event
      return { ...row, station, evse, idToken, vehicle, startedAt }
    }
    case 'energy':
      return { ...row, energyWh: event.energyWh, socPct: event.socPct ?? row.socPct }
    case 'ended': {
      const { station, evse, energyWh, endedAt, reason, incomplete } = event
      return { ...row, station, evse, energyWh, endedAt, reason, incomplete }
    }
  }
}
