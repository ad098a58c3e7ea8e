import { expect, test } from "vitest";

import { ConfigError, parseConfig } from "../../../worker/config.ts";

const good = {
  MIROIR_MASTER_KEY: "key",
  MIROIR_NODES: '[{"id":"n0","url":"http://10.0.0.1:7700/"},{"id":"n1","url":"embedded://n1"}]',
};

test("defaults, and nodes as they are written", () => {
  expect(parseConfig({ ...good, ASSETS: {}, TASKS: {} })).toMatchObject({
    masterKey: "key",
    nodes: [
      { id: "n0", url: "http://10.0.0.1:7700", group: "default", weight: 1 },
      { id: "n1", url: "embedded://n1" },
    ],
    nodeKey: undefined,
    shardCount: 64,
    replicationFactor: 1,
    minInSync: 1,
    logBytesMax: 2_000_000_000,
    leaseMs: 5000,
    unavailableShards: "partial",
  });
});

test.for([
  [{ MIROIR_MIN_IN_SYNC: "2" }, "MIROIR_MIN_IN_SYNC is 2, but MIROIR_RF is only 1"],
  [{ MIROIR_LOG_BYTES: "1000" }, "MIROIR_LOG_BYTES "],
  [{ MIROIR_MASTER_KEY: undefined }, "MIROIR_MASTER_KEY must be set"],
  [{ MIROIR_MASTER_KEY: "" }, "MIROIR_MASTER_KEY must not be empty"],
  [{ MIROIR_NODES: "nodes" }, "MIROIR_NODES must be a JSON array of nodes"],
  [{ MIROIR_NODES: "[]" }, "MIROIR_NODES must name at least one node"],
  [{ MIROIR_NODES: '[{"id":"n0","url":"ftp://x"}]' }, "MIROIR_NODES.0.url must be http(s)://host"],
  [
    { MIROIR_NODES: '[{"id":"a","url":"http://a"},{"id":"a","url":"http://b"}]' },
    "MIROIR_NODES has a node id twice",
  ],
  [{ MIROIR_SHARDS: "many" }, "MIROIR_SHARDS must be a whole number"],
  [{ MIROIR_SHARDS: "5000" }, "MIROIR_SHARDS"],
  [{ MIROIR_RF: "3" }, "MIROIR_RF is 3, but MIROIR_NODES has only 2 nodes"],
  [{ MIROIR_LEASE_MS: "1" }, "MIROIR_LEASE_MS"],
  [{ MIROIR_UNAVAILABLE_SHARDS: "maybe" }, "MIROIR_UNAVAILABLE_SHARDS"],
] as const)("%j is named", ([wrong, message]) => {
  expect(() => parseConfig({ ...good, ...wrong })).toThrow(ConfigError);
  expect(() => parseConfig({ ...good, ...wrong })).toThrow(message);
});
