/** `npm start` as a new user meets it: the README's commands, the official client, restart, Ctrl-C. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { Meilisearch } from "meilisearch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { answers, nextFreePort } from "../../scripts/ports.ts";
import { PROJECT } from "../../scripts/wrangler.ts";
import { npm, processesOf, untilReady, type Command } from "./command.ts";

const PORTS_FROM = 17_780;
const shell = promisify(execFile);

let port = 0;
let state = "";
beforeAll(async () => {
  port = await nextFreePort(PORTS_FROM, new Set());
  state = mkdtempSync(join(tmpdir(), "miroir-start-"));
});
afterAll(() => rmSync(state, { recursive: true, force: true }));

describe("a fleet started by one command", () => {
  let command: Command | undefined;
  let client = new Meilisearch({ host: "http://127.0.0.1" });

  const start = async (): Promise<void> => {
    command = npm(["start", "--", "--port", String(port), "--state", state]);
    await untilReady(command);
    client = new Meilisearch({ host: `http://127.0.0.1:${port}`, apiKey: "dev-key" });
  };
  beforeAll(start);
  afterAll(async () => {
    await command?.interrupt();
  });

  test("says where it listens, its nodes, its key and what to try", () => {
    const output = command?.output();
    for (const text of [
      `http://localhost:${port}`,
      "n0 (embedded)",
      "n2 (embedded)",
      "dev-key",
      "curl -X POST",
    ]) {
      expect(output).toContain(text);
    }
  });

  test("the README's commands work as pasted", async () => {
    const lines = readmeCommands().map((line) =>
      line.replaceAll("localhost:7700", `localhost:${port}`),
    );
    expect(lines.length).toBeGreaterThanOrEqual(3);
    const replies: string[] = [];
    for (const line of lines) {
      replies.push((await shell("bash", ["-c", line])).stdout);
      const task = /"taskUid":(\d+)/.exec(replies.at(-1) ?? "")?.[1];
      if (task !== undefined) await client.tasks.waitForTask(Number(task), { timeout: 30_000 });
    }
    expect(replies[0]).toBe('{"status":"available"}');
    expect(replies.at(-1)).toContain("Inception");
  });

  test("the official client creates, fills, searches and changes an index", async () => {
    const wait = { timeout: 30_000 };
    await client.createIndex("books", { primaryKey: "isbn" }).waitTask(wait);
    const index = client.index<{ isbn: string; title: string; year: number }>("books");
    const settings = await index
      .updateSettings({ filterableAttributes: ["year"], sortableAttributes: ["year"] })
      .waitTask(wait);
    expect(settings.status).toBe("succeeded");
    const books = Array.from({ length: 50 }, (_, position) => ({
      isbn: `b-${position}`,
      title: position % 2 === 0 ? "The Left Hand of Darkness" : "The Dispossessed",
      year: 1950 + position,
    }));
    const added = await index.addDocuments(books).waitTask(wait);
    expect(added).toMatchObject({ status: "succeeded", details: { indexedDocuments: 50 } });
    const found = await index.search("darknes", {
      filter: "year >= 1960",
      sort: ["year:desc"],
      limit: 3,
      facets: ["year"],
    });
    expect(found.hits.map(({ isbn }) => isbn)).toEqual(["b-48", "b-46", "b-44"]);
    expect(found.estimatedTotalHits).toBe(20);
    expect(found.facetDistribution?.["year"]).toHaveProperty("1998", 1);
    await index.updateDocuments([{ isbn: "b-48", title: "The Telling" }]).waitTask(wait);
    expect(await index.getDocument("b-48")).toEqual({
      isbn: "b-48",
      title: "The Telling",
      year: 1998,
    });
    await index.deleteDocument("b-46").waitTask(wait);
    const after = await index.search("darkness", { limit: 100 });
    expect(after.hits).toHaveLength(23);
    expect((await index.getStats()).numberOfDocuments).toBe(49);
    await index.delete().waitTask(wait);
    await expect(index.search("darkness")).rejects.toMatchObject({
      cause: { code: "index_not_found" },
    });
  });

  test("a wrong key is refused", async () => {
    const stranger = new Meilisearch({ host: `http://127.0.0.1:${port}`, apiKey: "no" });
    await expect(stranger.getStats()).rejects.toMatchObject({ cause: { code: "invalid_api_key" } });
  });

  test("a second one is kept off the same port and the same state, in one line", async () => {
    const samePort = npm([
      "start",
      "--silent",
      "--",
      "--port",
      String(port),
      "--state",
      `${state}-other`,
    ]);
    expect(await samePort.ended).toBe(1);
    expect(samePort.output()).toContain(`miroir: port ${port} is in use`);
    const other = await nextFreePort(port + 1, new Set());
    const sameState = npm(["start", "--silent", "--", "--port", String(other), "--state", state]);
    expect(await sameState.ended).toBe(1);
    expect(sameState.output()).toContain(`is used by the Miroir on port ${port}`);
  });

  test("Ctrl-C leaves no process and no port; a restart finds everything again", async () => {
    const added = await client
      .index("kept")
      .addDocuments([{ id: 1, title: "Solaris" }])
      .waitTask({ timeout: 30_000 });
    expect(added.status).toBe("succeeded");
    expect(await command?.interrupt()).not.toBeNull();
    expect(await answers(port)).toBe(false);
    if (process.platform === "linux") expect(processesOf(state)).toEqual([]);
    await start();
    expect((await client.index("kept").search("solaris")).hits).toEqual([
      { id: 1, title: "Solaris" },
    ]);
    expect((await client.tasks.getTask(added.uid)).status).toBe("succeeded");
  });
});

test.for([
  [["--port", "abc"], /^miroir: --port must be a whole number/m],
  [["--unknown"], /^miroir: unknown option --unknown$/m],
  [["--rf", "4"], /^miroir: --rf is 4, but there are only 3 nodes$/m],
  [
    ["--node", "a=http://h", "--meilisearch"],
    /^miroir: --node and --meilisearch exclude each other$/m,
  ],
] as const)("npm start -- %s is refused with exit code 2", async ([args, message]) => {
  const command = npm(["start", "--silent", "--", ...args]);
  expect(await command.ended).toBe(2);
  expect(command.output()).toMatch(message);
});

test("a port that another program listens on is one line, not a stack", async () => {
  const taken = await nextFreePort(port + 1, new Set());
  const server = await listening(taken);
  const command = npm([
    "run",
    "serve",
    "--silent",
    "--",
    "--port",
    String(taken),
    "--state",
    state,
  ]);
  expect(await command.ended).toBe(1);
  expect(command.output()).toContain(
    `miroir: port ${taken} is in use; choose another with --port\n`,
  );
  server.close();
});

function listening(onPort: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(onPort, "127.0.0.1", () => resolve(server));
  });
}

/** The first block of `curl` lines in the README, one command each. */
function readmeCommands(): string[] {
  const readme = readFileSync(join(PROJECT, "README.md"), "utf8").replaceAll("\\\n", " ");
  return readme
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("curl "))
    .slice(0, 3)
    .map((line) => line.replace("curl ", "curl -s "));
}
