import { expect, test } from "vitest";

import { OptionError, parseOptions, workerVariables, type Options } from "../../scripts/options.ts";

const MEILISEARCH = { MEILISEARCH_BIN: process.execPath };

function options(args: readonly string[], environment: Record<string, string> = {}): Options {
  const command = parseOptions(args, environment);
  if (command.kind !== "run") throw new Error("help was asked");
  return command.options;
}

test("the defaults are three embedded nodes on port 7700", () => {
  expect(options([])).toMatchObject({
    port: 7700,
    key: "dev-key",
    shardCount: 16,
    replicationFactor: 1,
    nodeKey: undefined,
    fleet: {
      kind: "embedded",
      nodes: [
        { id: "n0", url: "embedded://n0" },
        { id: "n1", url: "embedded://n1" },
        { id: "n2", url: "embedded://n2" },
      ],
    },
  });
  expect(options([]).stateFolder).toMatch(/\/\.miroir$/);
});

test("every option is taken, in both spellings", () => {
  const args = [
    "--port=8000",
    "--nodes",
    "5",
    "--rf",
    "2",
    "--shards=64",
    "--key",
    "k",
    "--state",
    "s",
  ];
  expect(options(args)).toMatchObject({
    port: 8000,
    key: "k",
    shardCount: 64,
    replicationFactor: 2,
  });
  expect(options(args).fleet).toMatchObject({ kind: "embedded", nodes: { length: 5 } });
  expect(options(args).stateFolder).toMatch(/\/s$/);
});

test("running nodes are taken by name, in their order", () => {
  const args = [
    "--node",
    "b=http://10.0.0.2:7700/",
    "--node",
    "a=https://search.test",
    "--node-key",
    "secret",
  ];
  expect(options(args)).toMatchObject({
    nodeKey: "secret",
    fleet: {
      kind: "given",
      nodes: [
        { id: "b", url: "http://10.0.0.2:7700" },
        { id: "a", url: "https://search.test" },
      ],
    },
  });
});

test("real nodes are started from the program that is named", () => {
  expect(options(["--meilisearch", "--nodes", "2"], MEILISEARCH).fleet).toEqual({
    kind: "started",
    names: ["n0", "n1"],
    program: process.execPath,
  });
});

test("help wins over everything that can be read", () => {
  expect(parseOptions(["--help", "--rf", "9"], {})).toEqual({ kind: "help" });
});

test("the Worker's variables say what the options said", () => {
  const read = options([
    "--node",
    "a=http://h:1",
    "--key",
    "k",
    "--shards",
    "8",
    "--node-key",
    "n",
  ]);
  if (read.fleet.kind !== "given") throw new Error("nodes were given");
  expect(workerVariables(read, read.fleet.nodes, read.nodeKey)).toEqual({
    MIROIR_MASTER_KEY: "k",
    MIROIR_NODES: '[{"id":"a","url":"http://h:1"}]',
    MIROIR_SHARDS: "8",
    MIROIR_RF: "1",
    MIROIR_NODE_KEY: "n",
  });
});

test.for<[args: string, message: RegExp]>([
  ["--prot 1", /^unknown option --prot$/],
  ["-p 1", /^unknown option -p$/],
  ["7700", /^unexpected argument "7700"/],
  ["--port", /^--port needs a value$/],
  ["--port x", /^--port must be a whole number from 1 to 65535, not "x"$/],
  ["--port 1.5", /^--port must be a whole number/],
  ["--port -1", /^--port must be a whole number/],
  ["--port 0", /^--port must be a whole number/],
  ["--port 65536", /^--port must be a whole number/],
  ["--nodes 0", /^--nodes must be a whole number from 1 to 64/],
  ["--shards 0", /^--shards must be a whole number from 1 to 4096/],
  ["--shards 4097", /^--shards must be/],
  ["--rf 0", /^--rf must be a whole number from 1 to 16/],
  ["--rf 4", /^--rf is 4, but there are only 3 nodes$/],
  ["--nodes 1 --rf 2", /^--rf is 2, but there is 1 node$/],
  ["--node a=http://h --rf 2", /^--rf is 2, but there is 1 node$/],
  ["--key=", /^--key must be letters/],
  ["--node http://h", /^--node must be NAME=URL/],
  ["--node =http://h", /^--node must be NAME=URL/],
  ["--node a.b=http://h", /^--node must be NAME=URL/],
  ["--node a=h:7700", /^--node a: "h:7700" is not a URL/],
  ["--node a=ftp://h", /is not a URL/],
  ["--node a=http://h/path", /is not a URL/],
  ["--node a=http://h:99999", /is not a URL/],
  ["--node a=http://h --node a=http://i", /^--node a is given twice$/],
  ["--node a=http://h --nodes 2", /^--node and --nodes exclude each other$/],
  ["--node a=http://h --meilisearch", /^--node and --meilisearch exclude each other$/],
  ["--node-key k", /^--node-key needs --node or --meilisearch$/],
  ["--meilisearch=yes", /^--meilisearch takes no value$/],
  ["--meilisearch", /^--meilisearch: set MEILISEARCH_BIN/],
  [`--state ${import.meta.filename}`, /is not a folder$/],
])("%s is refused in one line", ([args, message]) => {
  const read = (): unknown => parseOptions(args.split(" "), {});
  expect(read).toThrow(OptionError);
  expect(read).toThrow(message);
});

test("a MEILISEARCH_BIN that is no program is named", () => {
  const read = (): unknown => parseOptions(["--meilisearch"], { MEILISEARCH_BIN: "/nowhere/x" });
  expect(read).toThrow(/MEILISEARCH_BIN is "\/nowhere\/x", which is not a program$/);
});
