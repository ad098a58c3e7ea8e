import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { test } from "vitest";

import { SqliteStorage } from "../../durable-objects/embedded/storage/sqlite-storage.ts";
import { STORAGE_CONTRACT } from "../embedded/storage-contract.ts";

test.for(Object.entries(STORAGE_CONTRACT))("a node's SQLite: %s", async ([name, check]) => {
  await runInDurableObject(env.EMBEDDED_NODE.getByName(name), (_, { storage }) => {
    check(new SqliteStorage(storage));
  });
});
