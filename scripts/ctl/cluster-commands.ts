/** `status`, `shards` and `rebalance`: the cluster as a whole. */
import type { Command } from "commander";

import { changeView, shardsView, topologyView } from "../../worker/admin/schemas.ts";
import { change, contextOf } from "./context.ts";
import { progressText, subjectOf, waitingText } from "./operation-text.ts";
import { bytesText, table } from "./print.ts";

export function addClusterCommands(program: Command): void {
  program
    .command("status")
    .description("nodes, indexes, operations under way, and how far the placement has drifted")
    .action(async (_options: object, command: Command) => await status(command));
  program
    .command("shards")
    .description("which nodes hold which shards")
    .argument("[index]", "of this index only")
    .action(async (index: string | undefined, _options: object, command: Command) => {
      const { client, show } = contextOf(command);
      const query = index === undefined ? "" : `?index=${encodeURIComponent(index)}`;
      const view = await client.ask("GET", `/_miroir/shards${query}`, shardsView);
      show(view, () =>
        table(
          ["index", "shard", "nodes"],
          view.results.map(({ index: uid, shard, replicas }) => {
            const nodes = replicas.map(({ node, inSync }) => (inSync ? node : `${node} (behind)`));
            return [uid, `${shard}`, nodes.join(", ")];
          }),
        ),
      );
    });
  program
    .command("rebalance")
    .description("move shards to where they are wanted")
    .option("--dry-run", "only say what would be moved")
    .option("--watch", "wait until it is over")
    .action(async (options: { dryRun?: true; watch?: true }, command: Command) => {
      if (options.dryRun === true) await plan(command);
      else await change(contextOf(command), "POST", "rebalance", {}, options.watch === true);
    });
}

async function status(command: Command): Promise<void> {
  const { client, show } = contextOf(command);
  const view = await client.ask("GET", "/_miroir/topology", topologyView);
  show(view, () => {
    const nodes = view.nodes.map(({ id, url, group, zone, weight, state, health, replicas }) => {
      const place = zone === null ? group : `${group}/${zone}`;
      return [id, state, health, `${replicas}`, place, `${weight}`, url];
    });
    const indexes = view.indexes.map(({ uid, shards, replicationFactor, lagging }) => {
      const behind = lagging.length === 0 ? "in sync" : `behind: ${lagging.join(", ")}`;
      return [uid, `${shards}`, `${replicationFactor}`, behind];
    });
    const aliases = view.aliases.map(({ name, indexes: uids, missing }) => {
      return [name, uids.join(", "), missing.length === 0 ? "" : `missing: ${missing.join(", ")}`];
    });
    const operations = view.operations.flatMap((operation) => [
      `  ${operation.id} ${operation.kind} ${subjectOf(operation)} ${operation.state}  ${progressText(operation)}`,
      ...waitingText(operation).map((line) => `    ${line}`),
    ]);
    return [
      table(["node", "state", "health", "replicas", "group", "weight", "url"], nodes),
      "",
      table(["index", "shards", "rf", "replicas"], indexes),
      "",
      ...(aliases.length === 0 ? [] : [table(["alias", "indexes", ""], aliases), ""]),
      operations.length === 0 ? "no operation under way" : "operations:",
      ...operations,
      view.drift === 0
        ? "every shard is where it is wanted"
        : `${view.drift} replicas are not where they are wanted: miroir-ctl rebalance`,
    ].join("\n");
  });
}

async function plan(command: Command): Promise<void> {
  const { client, show } = contextOf(command);
  const reply = await client.ask("POST", "/_miroir/rebalance", changeView, { dryRun: true });
  show(reply.plan, () => {
    const { changes = [], estimate } = reply.plan ?? {};
    if (changes.length === 0) return "nothing to move";
    const rows = changes.map(({ index, shard, target, drop }) => {
      return [index, `${shard}`, drop ?? "", target ?? ""];
    });
    const size = `${estimate?.documents ?? 0} documents, about ${bytesText(estimate?.bytes ?? 0)}`;
    return `${table(["index", "shard", "from", "to"], rows)}\n\n${changes.length} changes: ${size}`;
  });
}
