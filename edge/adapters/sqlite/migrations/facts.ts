/**
 * Steps of `facts.sqlite`, in order, each run once; the file's `user_version` counts them. A step only adds, so that
 * the release before can still read the file.
 */
export const FACTS_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE log (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL,
    prev_epoch TEXT,
    acked INTEGER NOT NULL DEFAULT 0,
    floor INTEGER NOT NULL DEFAULT 1,
    -- chain value of floor - 1
    floor_hash BLOB NOT NULL,
    boot_no INTEGER NOT NULL DEFAULT 0,
    projection_set TEXT NOT NULL DEFAULT ''
  ) STRICT;

  CREATE TABLE fact (
    seq INTEGER PRIMARY KEY,
    line TEXT NOT NULL,
    hash BLOB NOT NULL,
    recorded_ms REAL NOT NULL
  ) STRICT;

  CREATE TABLE projection (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    row TEXT NOT NULL,
    PRIMARY KEY (name, key)
  ) STRICT, WITHOUT ROWID;

  -- the read models as they stood at floor - 1: where a rebuild starts once old facts are gone
  CREATE TABLE projection_base (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    row TEXT NOT NULL,
    PRIMARY KEY (name, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE transaction_record (
    id TEXT PRIMARY KEY,
    started_seq INTEGER NOT NULL,
    station TEXT NOT NULL,
    evse INTEGER NOT NULL,
    vehicle TEXT,
    id_token TEXT NOT NULL,
    started_ms REAL NOT NULL,
    ended_ms REAL,
    energy_wh REAL NOT NULL,
    reason TEXT
  ) STRICT;
  CREATE INDEX transaction_record_started ON transaction_record (started_ms, started_seq);
  `,
]
