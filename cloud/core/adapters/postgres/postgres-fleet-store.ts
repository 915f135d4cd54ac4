import type { Duration, Instant } from '@busbar/units/time.ts'
import { instant } from '@busbar/units/time.ts'
import type { Kysely } from 'kysely'
import type { TransactionRow } from '../../domain/fleet/transactions.ts'
import type {
  CommitResult,
  EnergyTotals,
  EpochClaim,
  EpochVerdict,
  FleetStore,
  IncomingBatch,
  PowerPoint,
  StoredDepot,
  StoredFactRow,
} from '../../domain/ports/fleet-store.ts'
import { claimEpoch } from './claim-epoch.ts'
import { commitBatch } from './commit-batch.ts'
import type { Schema } from './schema.ts'
import { translate } from './translate-error.ts'

const date = (at: Instant): Date => new Date(at)
const time = (at: Date | null): Instant | null => (at ? instant(at.getTime()) : null)

/** The fleet's memory in PostgreSQL 15 or newer. */
export class PostgresFleetStore implements FleetStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  registerDepots(depots: readonly { readonly id: string; readonly name: string }[]): Promise<void> {
    return translate(async () => {
      if (depots.length === 0) return
      const rows = depots.map(({ id, name }) => ({ id, name }))
      const known = this.#db.insertInto('depots').values(rows)
      await known
        .onConflict((c) => c.column('id').doUpdateSet((e) => ({ name: e.ref('excluded.name') })))
        .execute()
      const status = this.#db.insertInto('depot_status').values(depots.map(({ id }) => ({ depot: id })))
      await status.onConflict((c) => c.doNothing()).execute()
    })
  }

  claimEpoch(claim: EpochClaim): Promise<EpochVerdict> {
    return translate(() => this.#db.transaction().execute((tx) => claimEpoch(tx, claim)))
  }

  commit(batch: IncomingBatch): Promise<CommitResult> {
    return translate(() => this.#db.transaction().execute((tx) => commitBatch(tx, batch)))
  }

  load(): Promise<readonly StoredDepot[]> {
    return translate(async () => {
      const quarantined = this.#db
        .selectFrom('quarantine')
        .select((e) => ['depot', e.fn.countAll<number>().as('count')])
      const [rows, counts] = await Promise.all([
        this.#db
          .selectFrom('depots as d')
          .leftJoin('depot_status as s', 's.depot', 'd.id')
          .leftJoin('epochs as e', (join) => join.onRef('e.depot', '=', 'd.id').on('e.state', '=', 'current'))
          .leftJoin('heads as h', (join) =>
            join.onRef('h.depot', '=', 'd.id').onRef('h.epoch', '=', 'e.epoch').on('h.lane', '=', 'facts'),
          )
          .select(['d.id', 'e.epoch', 'h.seq', 'h.hash', 'h.committed_at'])
          .select(['s.snapshot', 's.presence', 's.last_heard_at'])
          .execute(),
        quarantined.groupBy('depot').execute(),
      ])
      const set = new Map(counts.map((row) => [row.depot, row.count]))
      return rows.map((row) => ({
        id: row.id,
        epoch: row.epoch,
        head: row.seq !== null && row.hash !== null ? { seq: row.seq, hash: row.hash } : null,
        lastCommittedAt: time(row.committed_at),
        quarantined: set.get(row.id) ?? 0,
        snapshot: row.snapshot,
        presence: row.presence,
        lastHeardAt: time(row.last_heard_at),
      }))
    })
  }

  saveHeard(depot: string, at: Instant): Promise<void> {
    return this.#saveStatus(depot, { last_heard_at: date(at) })
  }

  savePresence(depot: string, presence: string): Promise<void> {
    return this.#saveStatus(depot, { presence })
  }

  saveSnapshot(depot: string, snapshot: string, power: PowerPoint, keep: Duration): Promise<void> {
    return translate(async () => {
      const at = date(power.at)
      await this.#db
        .with('status', (db) => db.updateTable('depot_status').set({ snapshot }).where('depot', '=', depot))
        .with('old', (db) =>
          db
            .deleteFrom('power_history')
            .where('depot', '=', depot)
            .where('at', '<', date(instant(power.at - keep))),
        )
        .insertInto('power_history')
        .values({ depot, at, import_w: power.importW })
        .onConflict((c) => c.columns(['depot', 'at']).doUpdateSet({ import_w: power.importW }))
        .execute()
    })
  }

  powerSince(depot: string, since: Instant): Promise<readonly PowerPoint[]> {
    return translate(async () => {
      const points = this.#db
        .selectFrom('power_history')
        .select(['at', 'import_w'])
        .where('depot', '=', depot)
      const rows = await points.where('at', '>=', date(since)).orderBy('at').execute()
      return rows.map((row) => ({ at: instant(row.at.getTime()), importW: row.import_w }))
    })
  }

  totals(depot: string, since: Instant): Promise<EnergyTotals> {
    return translate(async () => {
      const from = date(since)
      const quarters = this.#db
        .selectFrom('energy_quarters')
        .where('depot', '=', depot)
        .where('at', '>=', from)
      const started = this.#db
        .selectFrom('transactions')
        .where('depot', '=', depot)
        .where('started_at', 'is not', null)
        .where((e) => e.or([e('ended_at', 'is', null), e('started_at', '>=', from)]))
      const [energy, count] = await Promise.all([
        quarters.select((e) => e.fn.sum<number | null>('energy_wh').as('wh')).executeTakeFirst(),
        started
          .select((e) => [
            e.fn.countAll<number>().filterWhere('ended_at', 'is', null).as('running'),
            e.fn.countAll<number>().filterWhere('started_at', '>=', from).as('since'),
          ])
          .executeTakeFirst(),
      ])
      return { energyWh: energy?.wh ?? 0, running: count?.running ?? 0, startedSince: count?.since ?? 0 }
    })
  }

  transactions(depot: string, limit: number): Promise<readonly TransactionRow[]> {
    return translate(async () => {
      const all = this.#db.selectFrom('transactions').selectAll().where('depot', '=', depot)
      const rows = await all
        .orderBy('started_at', (o) => o.desc().nullsLast())
        .limit(limit)
        .execute()
      return rows.map(({ depot: _, id_token, started_at, ended_at, energy_wh, soc_pct, ...rest }) => ({
        ...rest,
        idToken: id_token,
        startedAt: time(started_at),
        endedAt: time(ended_at),
        energyWh: energy_wh,
        socPct: soc_pct,
      }))
    })
  }

  facts(
    depot: string,
    epoch: string,
    page: { after: number; limit: number },
  ): Promise<readonly StoredFactRow[]> {
    return translate(async () => {
      const all = this.#db
        .selectFrom('facts')
        .selectAll()
        .where('depot', '=', depot)
        .where('epoch', '=', epoch)
      const rows = await all.where('seq', '>', page.after).orderBy('seq').limit(page.limit).execute()
      return rows.map(({ seq, type, hash, line, occurred_at, recorded_at }) => ({
        ...{ seq, type, hash, line },
        occurredAt: instant(occurred_at.getTime()),
        recordedAt: instant(recorded_at.getTime()),
      }))
    })
  }

  ping(): Promise<void> {
    return translate(async () => {
      await this.#db.selectNoFrom((e) => e.val(1).as('one')).execute()
    })
  }

  #saveStatus(depot: string, values: Partial<{ presence: string; last_heard_at: Date }>): Promise<void> {
    return translate(async () => {
      const insert = this.#db.insertInto('depot_status').values({ depot, ...values })
      await insert.onConflict((c) => c.column('depot').doUpdateSet(values)).execute()
    })
  }
}
