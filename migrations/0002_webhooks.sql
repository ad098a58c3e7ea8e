-- Webhooks, and the outbox of what they are owed. A task enters the outbox in the same commit that
-- ends it, whoever ends it, so no ending is missed; while nobody listens nothing is written.
CREATE TABLE webhooks (
  uuid TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  -- A JSON object.
  headers TEXT NOT NULL,
  -- The last row of the outbox that this webhook has had.
  sent_to INTEGER NOT NULL
);

CREATE TABLE webhook_outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task INTEGER NOT NULL
);

CREATE TRIGGER webhook_task_finished AFTER UPDATE OF status ON tasks
WHEN NEW.status NOT IN ('enqueued', 'processing') AND OLD.status IN ('enqueued', 'processing')
  AND EXISTS (SELECT 1 FROM webhooks)
BEGIN
  INSERT INTO webhook_outbox (task) VALUES (NEW.id);
END;

CREATE TRIGGER webhook_task_registered AFTER INSERT ON tasks
WHEN NEW.status NOT IN ('enqueued', 'processing') AND EXISTS (SELECT 1 FROM webhooks)
BEGIN
  INSERT INTO webhook_outbox (task) VALUES (NEW.id);
END;
