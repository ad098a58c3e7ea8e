-- Operations on the topology and their steps, as the Cluster object last told: the history that
-- people and tools read. The Cluster's own records decide, never these rows.
CREATE TABLE operations (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  -- JSON of the whole operation.
  value TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
);

CREATE INDEX operations_by_state ON operations (state, id);

CREATE TABLE operation_steps (
  id TEXT PRIMARY KEY,
  operation INTEGER NOT NULL,
  phase TEXT NOT NULL,
  -- JSON of the whole step.
  value TEXT NOT NULL
);

CREATE INDEX operation_steps_by_operation ON operation_steps (operation);
