import { test } from "vitest";

import { MemoryStorage } from "../../durable-objects/embedded/storage/memory-storage.ts";
import { STORAGE_CONTRACT } from "./storage-contract.ts";

test.for(Object.entries(STORAGE_CONTRACT))("%s", ([, check]) => {
  check(new MemoryStorage());
});
