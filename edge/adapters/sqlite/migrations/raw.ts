/** Steps of `raw.sqlite`; the rule is that of the facts. */
export const RAW_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE sample (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    "transaction" TEXT,
    at_ms REAL NOT NULL,
    recorded_ms REAL NOT NULL,
    values_json TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sample_at ON sample (source_id, at_ms);
  `,
  `
  CREATE TABLE quantity (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  -- what was ever measured where
  CREATE TABLE series (
    source_id INTEGER NOT NULL REFERENCES source (id),
    quantity_id INTEGER NOT NULL REFERENCES quantity (id),
    PRIMARY KEY (source_id, quantity_id)
  ) STRICT, WITHOUT ROWID;

  -- minute: minutes since 1970, UTC
  CREATE TABLE chunk (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    samples BLOB NOT NULL
  ) STRICT;
  CREATE INDEX chunk_at ON chunk (source_id, minute);

  CREATE TABLE minute (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    stats BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX minute_at ON minute (source_id, minute);

  -- day: days since 1970, UTC
  CREATE TABLE day (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    quantity_id INTEGER NOT NULL,
    stats BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX day_at ON day (source_id, quantity_id, day);

  -- samples that came for a minute already sealed
  CREATE TABLE late (
    source_id INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    PRIMARY KEY (source_id, minute)
  ) STRICT, WITHOUT ROWID;
  `,
]
