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
]
