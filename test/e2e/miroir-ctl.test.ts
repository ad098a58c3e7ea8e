/** `npx miroir-ctl` as an operator types it, against a whole Miroir over embedded nodes. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
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
  expect((await ctl("keys")).out).toContain("Default Search API Key");
  expect((await ctl("completion", "bash")).out).toContain('"nodes") words="list add');
});

test.for<[number, RegExp, string[]]>([
  [1, /^miroir-ctl: Node `n9` not found\. \(miroir_node_not_found\)$/m, ["nodes", "drain", "n9"]],
  [1, /^miroir-ctl: Group `default` has only 3 nodes/m, ["replicas", "books", "9"]],
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
