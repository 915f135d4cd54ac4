/** Steps of `messages.sqlite`; the rule is that of the facts. */
export const MESSAGE_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    at_ms REAL NOT NULL,
    station TEXT NOT NULL,
    connection INTEGER NOT NULL,
    direction TEXT NOT NULL,
    kind TEXT NOT NULL,
    message_id TEXT,
    action TEXT,
    error_code TEXT,
    duration_ms INTEGER,
    text TEXT NOT NULL,
    length INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX message_of ON message (station, id);
  `,
]
