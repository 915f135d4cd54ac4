import { instant } from '@busbar/units/time.ts'
import { sql, type Transaction } from 'kysely'
import {
  foldTransactions,
  type TransactionChanges,
  type TransactionRow,
} from '../../domain/fleet/transactions.ts'
import type { CommitResult, IncomingBatch, IncomingRecord, LaneHead } from '../../domain/ports/fleet-store.ts'
import type { Schema } from './schema.ts'

type Tx = Transaction<Schema>

/** The head's row lock, not the broker, gives the order in which batches of a depot are applied. */
export async function commitBatch(tx: Tx, batch: IncomingBatch): Promise<CommitResult> {
  const [first, last] = [batch.records[0], batch.records.at(-1)]
  const head = await lockHead(tx, batch)
  if (!head || !first || !last || first.seq > head.seq + 1)
    return { kind: 'gap', head: head ?? { seq: 0, hash: '' } }
  const known = batch.records.filter((record) => record.seq <= head.seq).at(-1)
  const expected = known ? await hashAt(tx, batch, known.seq) : head.hash
  if (expected !== (known?.hash ?? batch.prevHash))
    return { kind: 'conflict', head, seq: known?.seq ?? first.seq }
  const fresh = batch.records.filter((record) => record.seq > head.seq)
  if (fresh.length === 0) return { kind: 'duplicate', head }
  const events = fresh.flatMap((record) => (record.event && !record.quarantine ? [record.event] : []))
  const rows = await loadTransactions(tx, batch.depot, [...new Set(events.map((event) => event.transaction))])
  await writeFacts(tx, batch, fresh)
  await writeQuarantine(tx, batch, fresh)
  await writeTransactions(tx, batch.depot, foldTransactions(rows, events))
  return { kind: 'committed', head: { seq: last.seq, hash: last.hash }, added: fresh.length }
}

function lockHead(tx: Tx, { depot, epoch }: IncomingBatch): Promise<LaneHead | undefined> {
  const heads = tx
    .selectFrom('heads')
    .select(['seq', 'hash'])
    .where('depot', '=', depot)
    .where('epoch', '=', epoch)
  return heads.where('lane', '=', 'facts').forUpdate().executeTakeFirst()
}

async function hashAt(tx: Tx, { depot, epoch }: IncomingBatch, seq: number): Promise<string | undefined> {
  const facts = tx.selectFrom('facts').select('hash').where('depot', '=', depot).where('epoch', '=', epoch)
  return (await facts.where('seq', '=', seq).executeTakeFirst())?.hash
}

/** Facts and head in one statement: arrays unnested, so that its text never depends on how many records come. */
async function writeFacts(tx: Tx, batch: IncomingBatch, fresh: readonly IncomingRecord[]): Promise<void> {
  const last = fresh.at(-1)
  const at = new Date(batch.at)
  const column = <T>(of: (record: IncomingRecord) => T): T[] => fresh.map(of)
  await sql`
    with moved as (
      update heads set seq = ${last?.seq}::bigint, hash = ${last?.hash}, committed_at = ${at}
      where depot = ${batch.depot} and epoch = ${batch.epoch} and lane = 'facts')
    insert into facts (depot, epoch, seq, type, occurred_at, recorded_at, committed_at, hash, line)
    select ${batch.depot}, ${batch.epoch}, f.seq, f.type, f.occurred_at, f.recorded_at, ${at}, f.hash, f.line
    from unnest(${column((r) => r.seq)}::bigint[], ${column((r) => r.type)}::text[],
      ${column((r) => new Date(r.occurredAt))}::timestamptz[], ${column((r) => new Date(r.recordedAt))}::timestamptz[],
      ${column((r) => r.hash)}::text[], ${column((r) => (r.quarantine ? null : r.line))}::text[])
      as f (seq, type, occurred_at, recorded_at, hash, line)`.execute(tx)
}

async function writeQuarantine(
  tx: Tx,
  batch: IncomingBatch,
  fresh: readonly IncomingRecord[],
): Promise<void> {
  const { depot, epoch } = batch
  const at = new Date(batch.at)
  const rows = fresh.flatMap(({ seq, type, line, quarantine }) =>
    quarantine ? [{ depot, epoch, seq, type, line, at, ...quarantine }] : [],
  )
  if (rows.length > 0) await tx.insertInto('quarantine').values(rows).execute()
}

async function loadTransactions(
  tx: Tx,
  depot: string,
  ids: readonly string[],
): Promise<Map<string, TransactionRow>> {
  if (ids.length === 0) return new Map()
  const all = tx.selectFrom('transactions').selectAll().where('depot', '=', depot)
  const rows = await all.where('transaction', '=', sql<string>`any(${ids}::text[])`).execute()
  const time = (at: Date | null) => (at ? instant(at.getTime()) : null)
  return new Map(
    rows.map(({ depot: _, id_token, started_at, ended_at, energy_wh, soc_pct, ...rest }) => {
      const times = { startedAt: time(started_at), endedAt: time(ended_at) }
      return [
        rest.transaction,
        { ...rest, ...times, idToken: id_token, energyWh: energy_wh, socPct: soc_pct },
      ]
    }),
  )
}

async function writeTransactions(tx: Tx, depot: string, changes: TransactionChanges): Promise<void> {
  const rows = [...changes.rows.values()]
  if (rows.length === 0) return
  const column = <T>(of: (row: TransactionRow) => T): T[] => rows.map(of)
  const dates = (of: (row: TransactionRow) => number | null) =>
    rows.map((row) => {
      const at = of(row)
      return at === null ? null : new Date(at)
    })
  const quarters = [...changes.energy]
  await sql`
    with energy as (
      insert into energy_quarters (depot, at, energy_wh)
      select ${depot}, q.at, q.wh from unnest(${quarters.map(([at]) => new Date(at))}::timestamptz[],
        ${quarters.map(([, wh]) => wh)}::double precision[]) as q (at, wh)
      on conflict (depot, at) do update set energy_wh = energy_quarters.energy_wh + excluded.energy_wh)
    insert into transactions (depot, transaction, station, evse, vehicle, id_token, started_at, ended_at,
      energy_wh, soc_pct, reason, incomplete)
    select ${depot}, t.* from unnest(${column((r) => r.transaction)}::text[], ${column((r) => r.station)}::text[],
      ${column((r) => r.evse)}::integer[], ${column((r) => r.vehicle)}::text[], ${column((r) => r.idToken)}::text[],
      ${dates((r) => r.startedAt)}::timestamptz[], ${dates((r) => r.endedAt)}::timestamptz[],
      ${column((r) => r.energyWh)}::double precision[], ${column((r) => r.socPct)}::double precision[],
      ${column((r) => r.reason)}::text[], ${column((r) => r.incomplete)}::boolean[]) as t
    on conflict (depot, transaction) do update set station = excluded.station, evse = excluded.evse,
      vehicle = excluded.vehicle, id_token = excluded.id_token, started_at = excluded.started_at,
      ended_at = excluded.ended_at, energy_wh = excluded.energy_wh, soc_pct = excluded.soc_pct,
      reason = excluded.reason, incomplete = excluded.incomplete`.execute(tx)
}
