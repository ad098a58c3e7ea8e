/** `operations list|show|watch|pause|resume|cancel`. */
import type { Command } from "commander";

import { operationDetail, operationList } from "../../worker/admin/schemas.ts";
import { change, contextOf, watched } from "./context.ts";
import { progressText, subjectOf, waitingText } from "./operation-text.ts";
import { table } from "./print.ts";

export function addOperationCommands(program: Command): void {
  const operations = program.command("operations").description("what is being done, and was");
  operations
    .command("list")
    .description("newest first")
    .option("--limit <number>", "how many", "20")
    .action(async ({ limit }: { limit: string }, command: Command) => {
      const { client, show } = contextOf(command);
      const view = await client.ask("GET", `/_miroir/operations?limit=${limit}`, operationList);
      show(view, () =>
        table(
          ["id", "kind", "of", "state", "steps", "documents", "accepted at"],
          view.results.map((one) => [
            `${one.id}`,
            one.kind,
            subjectOf(one),
            one.state,
            `${one.progress.steps.done}`,
            `${one.progress.documents}`,
            one.createdAt,
          ]),
        ),
      );
    });
  operations
    .command("show")
    .description("one operation with its steps")
    .argument("<id>")
    .action(async (id: string, _options: object, command: Command) => await showOne(id, command));
  operations
    .command("watch")
    .description("wait until an operation is over")
    .argument("<id>")
    .action(async (id: string, _options: object, command: Command) => {
      await watched(contextOf(command), Number(id));
    });
  const steering = [
    ["pause", "begin no more steps; those under way end"],
    ["resume", "go on with a paused operation"],
    ["cancel", "end an operation where it is"],
  ] as const;
  for (const [to, description] of steering) {
    operations
      .command(to)
      .description(description)
      .argument("<id>")
      .action(async (id: string, _options: object, command: Command) => {
        const path = `operations/${encodeURIComponent(id)}/${to}`;
        await change(contextOf(command), "POST", path, {}, false);
      });
  }
}

async function showOne(id: string, command: Command): Promise<void> {
  const { client, show } = contextOf(command);
  const path = `/_miroir/operations/${encodeURIComponent(id)}`;
  const operation = await client.ask("GET", path, operationDetail);
  show(operation, () => {
    const steps = operation.steps.map((step) => [
      step.id,
      step.index,
      `${step.shard}`,
      step.drop ?? "",
      step.target ?? "",
      step.phase,
      `${step.documents.copied}`,
      step.error ?? step.note ?? "",
    ]);
    return [
      `operation ${operation.id}: ${operation.kind} ${subjectOf(operation)} ${operation.state}`,
      progressText(operation),
      ...(operation.error === null ? [] : [operation.error]),
      ...waitingText(operation),
      "",
      table(["step", "index", "shard", "from", "to", "phase", "documents", ""], steps),
    ].join("\n");
  });
}
