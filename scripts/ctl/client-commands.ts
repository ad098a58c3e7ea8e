/** `tasks`, `keys` and `dump import`: what clients of Meilisearch know too. */
import { spawn } from "node:child_process";
import { join } from "node:path";

import type { Command } from "commander";
import { z } from "zod";

import { contextOf } from "./context.ts";
import { table } from "./print.ts";

const taskList = z.looseObject({
  results: z.array(
    z.looseObject({
      uid: z.number(),
      type: z.string(),
      indexUid: z.string().nullable(),
      status: z.string(),
      duration: z.string().nullable(),
      error: z.object({ message: z.string() }).nullable(),
    }),
  ),
});

const keyList = z.looseObject({
  results: z.array(
    z.looseObject({
      uid: z.string(),
      name: z.string().nullable(),
      key: z.string(),
      actions: z.array(z.string()),
      indexes: z.array(z.string()),
    }),
  ),
});

export function addClientCommands(program: Command): void {
  program
    .command("tasks")
    .description("the tasks of clients, newest first")
    .option("--limit <number>", "how many", "20")
    .option("--status <statuses>", "like failed,enqueued")
    .action(async (options: { limit: string; status?: string }, command: Command) => {
      const { client, show } = contextOf(command);
      const query = new URLSearchParams({ limit: options.limit });
      if (options.status !== undefined) query.set("statuses", options.status);
      const view = await client.ask("GET", `/tasks?${query.toString()}`, taskList);
      show(view, () =>
        table(
          ["uid", "type", "index", "status", "error"],
          view.results.map(({ uid, type, indexUid, status, error }) => {
            return [`${uid}`, type, indexUid ?? "", status, error?.message ?? ""];
          }),
        ),
      );
    });
  program
    .command("keys")
    .description("the API keys of clients")
    .action(async (_options: object, command: Command) => {
      const { client, show } = contextOf(command);
      const view = await client.ask("GET", "/keys?limit=1000", keyList);
      show(view, () =>
        table(
          ["name", "uid", "actions", "indexes"],
          view.results.map(({ name, uid, actions, indexes }) => {
            return [name ?? "", uid, actions.join(","), indexes.join(",")];
          }),
        ),
      );
    });
  program
    .command("dump")
    .description("dumps")
    .command("import")
    .description("bring a dump of a Meilisearch into this Miroir")
    .argument("<file>")
    .action(async (file: string, _options: object, command: Command) => {
      const { client } = contextOf(command);
      process.exitCode = await importDump(file, client.url, client.key);
    });
}

async function importDump(file: string, url: string, key: string): Promise<number> {
  const launch = join(import.meta.dirname, "../launch.js");
  const args = [launch, "import-dump", file, "--url", url, "--key", key];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  return await new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
}
