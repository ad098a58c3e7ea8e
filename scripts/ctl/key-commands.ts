/** `keys list|create|update|delete`: the API keys of clients. */
import type { Command } from "commander";
import { z } from "zod";

import { contextOf } from "./context.ts";
import { table } from "./print.ts";

const keyView = z.looseObject({
  uid: z.string(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  key: z.string(),
  actions: z.array(z.string()),
  indexes: z.array(z.string()),
  expiresAt: z.string().nullable(),
});
const keyList = z.looseObject({ results: z.array(keyView) });

interface NewKey {
  readonly name?: string;
  readonly description?: string;
  readonly actions: string;
  readonly indexes: string;
  readonly expiresAt?: string;
  readonly uid?: string;
}

interface KeyPatch {
  readonly name?: string;
  readonly description?: string;
}

const path = (key: string): string => `/keys/${encodeURIComponent(key)}`;

export function addKeyCommands(program: Command): void {
  const keys = program.command("keys").description("the API keys of clients");
  keys
    .command("list")
    .description("every key with what it allows")
    .action(async (_options: object, command: Command) => {
      const { client, show } = contextOf(command);
      const view = await client.ask("GET", "/keys?limit=1000", keyList);
      show(view, () =>
        table(
          ["name", "uid", "actions", "indexes", "expires"],
          view.results.map(({ name, uid, actions, indexes, expiresAt }) => {
            return [name ?? "", uid, actions.join(","), indexes.join(","), expiresAt ?? "never"];
          }),
        ),
      );
    });
  keys
    .command("create")
    .description("make a key, and print it")
    .requiredOption("--actions <actions>", "like search,documents.add or miroir.get")
    .option("--indexes <indexes>", "like movies,logs-*", "*")
    .option("--name <name>")
    .option("--description <text>")
    .option("--expires-at <time>", "RFC 3339; never without it")
    .option("--uid <uuid>", "chosen by you: the same uid gives the same key again")
    .action(async (options: NewKey, command: Command) => await create(options, command));
  keys
    .command("update")
    .description("change what a key is called; what it allows never changes")
    .argument("<key>", "the key or its uid")
    .option("--name <name>")
    .option("--description <text>")
    .action(async (key: string, patch: KeyPatch, command: Command) => {
      const { client, show } = contextOf(command);
      const view = await client.ask("PATCH", path(key), keyView, patch);
      show(view, () => `key ${view.uid} is called ${view.name ?? "nothing"}`);
    });
  keys
    .command("delete")
    .description("delete a key; refused everywhere when this is done")
    .argument("<key>", "the key or its uid")
    .action(async (key: string, _options: object, command: Command) => {
      const { client, show } = contextOf(command);
      await client.ask("DELETE", path(key), z.object({}));
      show({ deleted: key }, () => "deleted");
    });
}

async function create(options: NewKey, command: Command): Promise<void> {
  const { client, show } = contextOf(command);
  const { actions, indexes, expiresAt, ...names } = options;
  const body = {
    ...names,
    actions: actions.split(","),
    indexes: indexes.split(","),
    expiresAt: expiresAt ?? null,
  };
  const view = await client.ask("POST", "/keys", keyView, body);
  show(view, () => view.key);
}
