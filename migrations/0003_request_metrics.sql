-- What all isolates have counted since the metrics feature was switched on; isolates add to it.
CREATE TABLE request_metrics (
  -- requests (label: status), bucket (label: upper bound in seconds), seconds, timed.
  name TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  label TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (name, method, path, label)
) WITHOUT ROWID;
