/** `aliases list|set|remove`: other names of indexes. */
import type { Command } from "commander";

import { aliasesView } from "../../worker/admin/schemas.ts";
import { contextOf } from "./context.ts";
import { table } from "./print.ts";

const path = (name: string): string => `/_miroir/aliases/${encodeURIComponent(name)}`;

export function addAliasCommands(program: Command): void {
  const aliases = program.command("aliases").description("other names of indexes");
  aliases
    .command("list")
    .description("every alias with the indexes that it stands for")
    .action(async (_options: object, command: Command) => {
      const { client, show } = contextOf(command);
      const view = await client.ask("GET", "/_miroir/aliases", aliasesView);
      show(view, () =>
        table(
          ["alias", "indexes", ""],
          view.results.map(({ name, indexes, missing }) => {
            const lost = missing.length === 0 ? "" : `missing: ${missing.join(", ")}`;
            return [name, indexes.join(", "), lost];
          }),
        ),
      );
    });
  aliases
    .command("set")
    .description("make an alias, or lead it to other indexes; done when every reader goes by it")
    .argument("<name>")
    .argument("<indexes...>", "one index, or several to be searched as one")
    .action(async (name: string, indexes: string[], _options: object, command: Command) => {
      const { client, show } = contextOf(command);
      const view = await client.ask("PUT", path(name), aliasesView, { indexes });
      show(view, () => `${name} stands for ${indexes.join(", ")}`);
    });
  aliases
    .command("remove")
    .description("remove an alias; its indexes stay")
    .argument("<name>")
    .action(async (name: string, _options: object, command: Command) => {
      const { client, show } = contextOf(command);
      const view = await client.ask("DELETE", path(name), aliasesView);
      show(view, () => `${name} stands for nothing any more`);
    });
}
