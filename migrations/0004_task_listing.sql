-- Listings stay fast however long the history is: a page is walked group by group, newest first,
-- and totals of groups are kept instead of counted.
DROP INDEX tasks_by_status;
DROP INDEX tasks_by_type;
DROP INDEX tasks_by_index;
-- A group is what filters tell apart: status and type, and the index where the filter names some.
CREATE INDEX tasks_by_group ON tasks (status, type, id);
CREATE INDEX tasks_by_index_group ON tasks (index_uid, status, type, id);
CREATE INDEX tasks_by_canceler ON tasks (canceled_by, id) WHERE canceled_by IS NOT NULL;
CREATE INDEX tasks_by_enqueued_at ON tasks (enqueued_at);
CREATE INDEX tasks_by_started_at ON tasks (started_at);
CREATE INDEX tasks_by_finished_at ON tasks (finished_at);

-- How many tasks each group has. Tasks of no index are kept under the empty uid, which no index has.
CREATE TABLE task_counts (
  index_uid TEXT NOT NULL,
  status TEXT NOT NULL,
  type TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (index_uid, status, type)
) WITHOUT ROWID;

INSERT INTO task_counts (index_uid, status, type, count)
SELECT COALESCE(index_uid, ''), status, type, COUNT(*) FROM tasks GROUP BY 1, 2, 3;

CREATE TRIGGER task_counted AFTER INSERT ON tasks
BEGIN
  INSERT INTO task_counts VALUES (COALESCE(NEW.index_uid, ''), NEW.status, NEW.type, 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER task_recounted AFTER UPDATE OF index_uid, status ON tasks
WHEN OLD.status <> NEW.status OR OLD.index_uid IS NOT NEW.index_uid
BEGIN
  UPDATE task_counts SET count = count - 1
  WHERE index_uid = COALESCE(OLD.index_uid, '') AND status = OLD.status AND type = OLD.type;
  INSERT INTO task_counts VALUES (COALESCE(NEW.index_uid, ''), NEW.status, NEW.type, 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER task_uncounted AFTER DELETE ON tasks
BEGIN
  UPDATE task_counts SET count = count - 1
  WHERE index_uid = COALESCE(OLD.index_uid, '') AND status = OLD.status AND type = OLD.type;
END;
