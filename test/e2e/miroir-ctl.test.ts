/** `npx miroir-ctl` as an operator types it, against a whole Miroir over embedded nodes. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { PROJECT } from "../../scripts/wrangler.ts";
import { startFleet, type RunningFleet } from "./fleet.ts";

let fleet: RunningFleet | undefined;

interface Run {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

/** Runs the command; JSON where it is asked for. */
function ctl(...args: readonly string[]): Promise<Run> {
  const env = { ...process.env, MIROIR_URL: fleet?.url, MIROIR_KEY: fleet?.key, NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile("npx", ["miroir-ctl", ...args], { cwd: PROJECT, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 1);
      resolve({ code, out: stdout, errors: stderr });
    });
  });
}

async function json(...args: readonly string[]): Promise<unknown> {
  const { code, out, errors } = await ctl(...args, "--json");
  expect([code, errors]).toEqual([0, ""]);
  return JSON.parse(out);
}

async function ask(method: string, path: string, body?: object) {
  const response = await fetch(`${fleet?.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${fleet?.key}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as { status?: string; taskUid?: number; hits?: unknown[] };
}

beforeAll(async () => {
  fleet = await startFleet({ nodeCount: 3, replicationFactor: 2, program: undefined });
  const documents = Array.from({ length: 300 }, (_, id) => ({ id }));
  const { taskUid } = await ask("POST", "/indexes/books/documents", documents);
  await vi.waitUntil(async () => (await ask("GET", `/tasks/${taskUid}`)).status === "succeeded", {
    timeout: 30_000,
    interval: 100,
  });
});
afterAll(async () => await fleet?.stop());

test("a node is added, filled, drained and removed, and no document is missed", async () => {
  const added = await ctl("nodes", "add", "n3", "embedded://n3");
  expect([added.code, added.out]).toEqual([0, "node n3 is active\n"]);
  const plan = (await json("rebalance", "--dry-run")) as { changes: { target: string }[] };
  expect(plan.changes.length).toBeGreaterThan(3);
  expect(await json("rebalance", "--watch")).toMatchObject({
    kind: "rebalance",
    state: "succeeded",
    progress: { steps: { done: plan.changes.length } },
  });
  const removed = await ctl("nodes", "remove", "n0", "--watch");
  expect([removed.code, removed.out]).toEqual([
    0,
    expect.stringMatching(/^operation 2 \(remove n0\) succeeded: \d+ documents copied\n$/),
  ]);
  const status = await ctl("status");
  expect(status.out).toContain("every shard is where it is wanted");
  expect(status.out).not.toContain("n0");
  const found = await ask("POST", "/indexes/books/search", { limit: 1000 });
  expect(found.hits).toHaveLength(300);
}, 120_000);

test("writes of indexes are listed, and how many replicas their tasks wait for", async () => {
  expect(await json("indexes")).toMatchObject([{ index: "books", minInSync: 1, waiting: null }]);
  const set = await ctl("min-in-sync", "books", "2");
  expect([set.code, set.out]).toEqual([0, "tasks of books end with at least 2 in-sync replicas\n"]);
  expect((await ctl("indexes")).out).toMatch(/books +done +\d+ B +2/);
  const refused = await ctl("min-in-sync", "books", "3");
  expect([refused.code, refused.errors]).toEqual([1, expect.stringContaining("3 of them")]);
}, 60_000);

test("the doctor says what to look at, and is content otherwise", async () => {
  const { code, out } = await ctl("doctor");
  expect(code).toBe(0);
  expect(out).toContain("every shard can be read");
  expect(out).toContain("its clock and this machine's agree");
  expect(out).not.toContain("BAD");
});

test("operations, tasks, keys and completion", async () => {
  expect(await json("operations", "list")).toMatchObject({
    results: [
      { id: 2, kind: "remove" },
      { id: 1, kind: "rebalance" },
    ],
  });
  expect((await ctl("operations", "show", "1")).out).toContain("n3  ");
  expect((await ctl("tasks")).out).toContain("documentAdditionOrUpdate");
  expect((await ctl("keys", "list")).out).toContain("Default Search API Key");
  expect((await ctl("completion", "bash")).out).toContain('"nodes") words="list add');
  expect((await ctl("completion", "zsh")).out).toContain('"aliases") words="list set remove"');
});

test("an alias is set, flipped and removed", async () => {
  const { taskUid } = await ask("POST", "/indexes/comics/documents", [{ id: 1 }]);
  expect((await ctl("tasks", "--wait", "--limit", "1")).out).toContain(`${taskUid}`);
  expect(await ctl("aliases", "set", "reading", "books")).toMatchObject({
    code: 0,
    out: "reading stands for books\n",
  });
  expect((await ask("POST", "/indexes/reading/search", { limit: 400 })).hits).toHaveLength(300);
  await json("aliases", "set", "reading", "comics");
  expect((await ask("POST", "/indexes/reading/search", {})).hits).toEqual([{ id: 1 }]);
  await json("aliases", "set", "reading", "comics", "books");
  expect((await ctl("aliases", "list")).out).toMatch(/^reading +comics, books$/m);
  expect((await ask("POST", "/indexes/reading/search", { limit: 400 })).hits).toHaveLength(301);
  expect((await ctl("status")).out).toContain("reading");
  expect((await ctl("aliases", "remove", "reading")).code).toBe(0);
  expect(await json("aliases", "list")).toMatchObject({ results: [] });
}, 60_000);

test("a key is made, renamed and deleted", async () => {
  const made = (await json("keys", "create", "--actions", "search", "--indexes", "books")) as {
    uid: string;
    key: string;
  };
  const renamed = await ctl("keys", "update", made.uid, "--name", "reader");
  expect(renamed.out).toBe(`key ${made.uid} is called reader\n`);
  expect((await ctl("tasks", "--key", made.key)).errors).toContain("(invalid_api_key)");
  expect(await json("keys", "delete", made.key)).toEqual({ deleted: made.key });
  expect((await ctl("keys", "list")).out).not.toContain(made.uid);
}, 60_000);

test("the replicas of every shard are compared", async () => {
  const reports = (await json("verify", "books")) as { shard: number; state: string }[];
  expect(reports.map(({ shard, state }) => [shard, state])).toEqual(
    Array.from({ length: 16 }, (_, shard) => [shard, "same"]),
  );
  const { code, out } = await ctl("verify");
  expect(code).toBe(0);
  expect(out).toMatch(/^books +0 +same +n\d \d+ [0-9a-f]{16}, n\d \d+ [0-9a-f]{16}$/m);
  expect(out).toContain("32 shards are the same on all their replicas, 0 differ");
}, 60_000);

test("replicas that differ are named, and are an error", async () => {
  const replica = (node: string, digest: string) => ({ node, documents: 3, digest });
  const server = createServer((request, response) => {
    const isTopology = request.url === "/_miroir/topology";
    const index = { uid: "m", physical: "m-1", replicationFactor: 2, shards: 1, lagging: [] };
    const time = new Date().toISOString();
    const none = { nodes: [], aliases: [], operations: [], drift: 0 };
    const report = {
      index: "m",
      shard: 0,
      state: "different",
      reason: null,
      offset: 7,
      replicas: [replica("n0", "aa"), replica("n1", "bb")],
      wrong: ["n1"],
      ranges: 2,
    };
    response.end(
      JSON.stringify(isTopology ? { epoch: 1, time, indexes: [index], ...none } : report),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { code, out } = await ctl("verify", "--url", `http://127.0.0.1:${port}`);
  server.close();
  expect(code).toBe(1);
  expect(out).toMatch(/different +n0 3 aa, n1 \(differs\) 3 bb +differ in 2 of 16 ranges of ids/);
});

test.for<[number, RegExp, string[]]>([
  [1, /^miroir-ctl: Node `n9` not found\. \(miroir_node_not_found\)$/m, ["nodes", "drain", "n9"]],
  [1, /^miroir-ctl: Group `default` has only 3 nodes/m, ["replicas", "books", "9"]],
  [1, /^miroir-ctl: Index `none` not found\. \(index_not_found\)$/m, ["verify", "none"]],
  [1, /\(miroir_alias_not_found\)$/m, ["aliases", "remove", "none"]],
  [1, /\(invalid_api_key\)$/m, ["status", "--key", "wrong"]],
  [1, /^miroir-ctl: .* does not answer: /m, ["status", "--url", "http://127.0.0.1:9"]],
  [2, /'abc' is invalid/, ["replicas", "books", "abc"]],
  [2, /unknown command 'nonsense'/, ["nonsense"]],
])("exit code %i: %s", async ([code, message, args]) => {
  const run = await ctl(...args);
  expect([run.code, run.errors]).toEqual([code, expect.stringMatching(message)]);
});

test("the commands of docs/operations.md run as they are written", async () => {
  const guide = readFileSync(join(PROJECT, "docs/operations.md"), "utf8");
  const commands = [...guide.matchAll(/^```sh\n([^]*?)^```$/gm)]
    .map(([, block = ""]) => block.replaceAll("\\\n", " ").trim())
    .flatMap((block) => block.split("\n"))
    .filter((line) => !line.startsWith("export "));
  expect(commands.length).toBeGreaterThan(20);
  const other = await startFleet({ nodeCount: 3, replicationFactor: 2, program: undefined });
  try {
    const env = { ...process.env, MIROIR_URL: other.url, MIROIR_KEY: other.key };
    const created = await fetch(`${other.url}/indexes/movies/documents`, {
      method: "POST",
      headers: { Authorization: `Bearer ${other.key}`, "Content-Type": "application/json" },
      body: JSON.stringify([{ id: 1 }, { id: 2 }]),
    });
    expect(created.status).toBe(202);
    for (const command of commands) expect(await shell(command, env)).toEqual([command, 0, ""]);
  } finally {
    await other.stop();
  }
}, 300_000);

function shell(command: string, env: NodeJS.ProcessEnv): Promise<[string, number, string]> {
  return new Promise((resolve) => {
    execFile("bash", ["-c", command], { cwd: PROJECT, env }, (error, _, stderr) => {
      resolve([command, error === null ? 0 : Number(error.code ?? 1), stderr]);
    });
  });
}
