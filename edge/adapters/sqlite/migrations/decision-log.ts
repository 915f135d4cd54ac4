/** Steps of `decisions.sqlite`; the rule is that of the facts. */
export const DECISION_MIGRATIONS: readonly string[] = [
  `
  -- whole: the decision whose text this one is packed against; null when it stands alone
  CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    at_ms REAL NOT NULL,
    moves INTEGER NOT NULL,
    whole INTEGER,
    record BLOB NOT NULL
  ) STRICT;
  CREATE INDEX decision_at ON decision (at_ms);

  CREATE TABLE reason (
    id INTEGER PRIMARY KEY,
    evse TEXT NOT NULL,
    at_ms REAL NOT NULL,
    code TEXT NOT NULL,
    row TEXT,
    sentence TEXT NOT NULL
  ) STRICT;
  CREATE INDEX reason_of ON reason (evse, at_ms);
  `,
]
