import { type Kysely, sql } from 'kysely'
import type { Migration, MigrationProvider } from 'kysely/migration'

const first = [
  `create table depots (id text primary key, name text not null)`,
  `create table epochs (
    depot text not null references depots, epoch text not null, epoch_no integer not null,
    state text not null check (state in ('current', 'fenced', 'pending')),
    cause text not null, prev_epoch text, first_seen timestamptz not null,
    primary key (depot, epoch), unique (depot, epoch_no))`,
  `create unique index epochs_one_current on epochs (depot) where state = 'current'`,
  `create table heads (
    depot text not null, epoch text not null, lane text not null, seq bigint not null, hash text not null,
    committed_at timestamptz, primary key (depot, epoch, lane), foreign key (depot, epoch) references epochs)`,
  `create table facts (
    depot text not null, epoch text not null, seq bigint not null, type text not null,
    occurred_at timestamptz not null, recorded_at timestamptz not null, committed_at timestamptz not null,
    hash text not null, line text, primary key (depot, epoch, seq))`,
  `create table quarantine (
    id bigint generated always as identity primary key, depot text not null, epoch text not null,
    seq bigint not null, type text not null, code text not null, reason text not null, line text not null,
    at timestamptz not null, unique (depot, epoch, seq))`,
  `create table transactions (
    depot text not null, transaction text not null, station text, evse integer, vehicle text, id_token text,
    started_at timestamptz, ended_at timestamptz, energy_wh double precision not null, soc_pct double precision,
    reason text, incomplete boolean not null, primary key (depot, transaction))`,
  `create index transactions_by_start on transactions (depot, started_at desc nulls last)`,
  `create table energy_quarters (
    depot text not null, at timestamptz not null, energy_wh double precision not null, primary key (depot, at))`,
  `create table power_history (
    depot text not null, at timestamptz not null, import_w double precision, primary key (depot, at))`,
  `create table depot_status (
    depot text primary key references depots, snapshot text, presence text, last_heard_at timestamptz)`,
]

const run = (statements: readonly string[]): Migration => ({
  up: async (db: Kysely<unknown>) => {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
})

/** Forward only; each leaves the release before it able to read. */
export const migrations: MigrationProvider = {
  getMigrations: async () => ({ '0001-first-shape': run(first) }),
}
