-- What clients set for the whole instance and no node needs to know: its network, its chat workspaces.
CREATE TABLE instance_values (
  name TEXT PRIMARY KEY,
  -- JSON text.
  value TEXT NOT NULL
) WITHOUT ROWID;
