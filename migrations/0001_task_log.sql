-- The task log: every client task. A task's public uid is `id - 1`: AUTOINCREMENT starts at 1,
-- never reuses a number and leaves no gap, Meilisearch starts at 0.
CREATE TABLE tasks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Makes registering a task repeatable after a crash: same token, same task.
  token TEXT NOT NULL UNIQUE,
  -- The write log that carries the task out: where a cancelation has to go.
  log TEXT,
  index_uid TEXT,
  status TEXT NOT NULL CHECK (status IN ('enqueued', 'processing', 'succeeded', 'failed', 'canceled')),
  type TEXT NOT NULL,
  canceled_by INTEGER,
  details TEXT,
  error TEXT,
  custom_metadata TEXT,
  enqueued_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER
);

CREATE INDEX tasks_by_status ON tasks (status, id);
CREATE INDEX tasks_by_index ON tasks (index_uid, id);
CREATE INDEX tasks_by_type ON tasks (type, id);
