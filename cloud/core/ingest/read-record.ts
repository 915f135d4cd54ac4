import { FactRecord } from '@busbar/contracts/sync/batch.ts'
import type { BatchRecord } from '@busbar/contracts/sync/batch-codec.ts'
import {
  TransactionEndedData,
  TransactionEnergyReadData,
  TransactionStartedData,
} from '@busbar/contracts/sync/fact-data.ts'
import { fromIso, type Instant, instant } from '@busbar/units/time.ts'
import type { ZodError, ZodType } from 'zod'
import type { TransactionEvent } from '../domain/fleet/transactions.ts'
import type { IncomingRecord } from '../domain/ports/fleet-store.ts'

type ReadEvent = (data: unknown, at: Instant) => { event: TransactionEvent } | { error: ZodError }

const reads = <T>(schema: ZodType<T>, toEvent: (data: T, at: Instant) => TransactionEvent): ReadEvent => {
  return (data, at) => {
    const parsed = schema.safeParse(data)
    return parsed.success ? { event: toEvent(parsed.data, at) } : { error: parsed.error }
  }
}

/** A late stop corrects what the depot had closed for want of it. */
const transactionEnd = reads(TransactionEndedData, ({ energy_wh, ended_at, ...data }, at) => {
  const { transaction, station, evse, reason, incomplete } = data
  const ended = { transaction, station, evse, reason, incomplete, at }
  return { kind: 'ended', ...ended, energyWh: energy_wh, endedAt: instant(ended_at) }
})

/** Fact types a read model needs; every other type is stored as it came. */
const EVENTS = new Map<string, ReadEvent>([
  [
    'TransactionStarted',
    reads(TransactionStartedData, ({ transaction, station, evse, id_token, vehicle, started_at }, at) => {
      return {
        kind: 'started',
        transaction,
        station,
        evse,
        vehicle,
        idToken: id_token,
        startedAt: instant(started_at),
        at,
      }
    }),
  ],
  [
    'TransactionEnergyRead',
    reads(TransactionEnergyReadData, ({ transaction, energy_wh, soc_pct }, at) => {
      return { kind: 'energy', transaction, energyWh: energy_wh, socPct: soc_pct, at }
    }),
  ],
  ['TransactionEnded', transactionEnd],
  ['TransactionCorrected', transactionEnd],
])

/** A batch's record as the store takes it; one that we cannot read is marked for quarantine, never dropped. */
export function readRecord(record: BatchRecord, receivedAt: Instant): IncomingRecord {
  const { seq, line, hash } = record
  const unread = {
    seq,
    line,
    hash,
    type: typeOf(record.json),
    occurredAt: receivedAt,
    recordedAt: receivedAt,
    event: null,
  }
  if (record.stub)
    return { ...unread, quarantine: { code: 'stub', reason: 'the depot could not send this record whole' } }
  const fact = FactRecord.safeParse(record.json)
  if (!fact.success) return { ...unread, quarantine: { code: 'schema', reason: explain(fact.error) } }
  const { type, data } = fact.data
  const occurredAt = fromIso(fact.data.occurred_at)
  const known = { ...unread, type, occurredAt, recordedAt: fromIso(fact.data.recorded_at) }
  const read = EVENTS.get(type)?.(data, occurredAt)
  if (!read) return { ...known, quarantine: null }
  if ('error' in read) return { ...known, quarantine: { code: 'schema', reason: explain(read.error) } }
  return { ...known, event: read.event, quarantine: null }
}

const typeOf = (json: unknown): string =>
  typeof json === 'object' && json !== null && 'type' in json ? String(json.type).slice(0, 64) : 'unreadable'

const explain = (error: ZodError): string =>
  error.issues
    .map((issue) => `${issue.path.join('.') || 'record'}: ${issue.message}`)
    .join('; ')
    .slice(0, 500)
