/** `tasks` and `dump import`: what clients of Meilisearch know too. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import type { Command } from "commander";
import { z } from "zod";

import type { Client } from "./client.ts";
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

interface TaskOptions {
  readonly limit: string;
  readonly status?: string;
  readonly wait?: true;
}

const LOOK_MS = 200;

export function addClientCommands(program: Command): void {
  program
    .command("tasks")
    .description("the tasks of clients, newest first")
    .option("--limit <number>", "how many", "20")
    .option("--status <statuses>", "like failed,enqueued")
    .option("--wait", "until none is enqueued or processing")
    .action(async (options: TaskOptions, command: Command) => {
      const { client, show } = contextOf(command);
      if (options.wait === true) await allTasksOver(client);
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
    .command("dump")
    .description("dumps")
    .command("import")
    .description("bring a dump of a Meilisearch into this Miroir")
    .argument("<file>")
    .action(async (file: string, _options: object, command: Command) => {
      const { client, isJson } = contextOf(command);
      process.exitCode = await importDump(file, client, isJson);
    });
}

async function allTasksOver(client: Client): Promise<void> {
  const open = "/tasks?statuses=enqueued,processing&limit=1";
  while ((await client.ask("GET", open, taskList)).results.length > 0) await pause(LOOK_MS);
}

async function importDump(file: string, { url, key }: Client, isJson: boolean): Promise<number> {
  const launch = join(import.meta.dirname, "../launch.js");
  const json = isJson ? ["--json"] : [];
  const args = [launch, "import-dump", file, "--url", url, "--key", key, ...json];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  return await new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
}
