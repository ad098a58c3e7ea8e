/** `nodes list|add|change|drain|resume|replace|remove`. */
import { setTimeout as pause } from "node:timers/promises";

import { InvalidArgumentError, type Command } from "commander";
import type { z } from "zod";

import { changeView, nodesView, type nodeView } from "../../worker/admin/schemas.ts";
import { change, contextOf, type Context } from "./context.ts";
import { table } from "./print.ts";

/** How long a new node is waited for. */
const JOIN_MS = 20_000;
const LOOK_MS = 300;

interface NodeOptions {
  readonly nodeKey?: string;
  readonly group?: string;
  readonly zone?: string;
  readonly weight?: number;
  readonly url?: string;
}

const path = (id: string): string => `nodes/${encodeURIComponent(id)}`;

export function addNodeCommands(program: Command): void {
  const nodes = program.command("nodes").description("the nodes of the cluster");
  nodes
    .command("list")
    .description("every node with its state, its health and what it holds")
    .action(async (_options: object, command: Command) => await list(command));
  nodes
    .command("add")
    .description("add a running Meilisearch; a rebalance then fills it")
    .argument("<id>")
    .argument("<node-url>", "like http://10.0.0.7:7700")
    .option("--node-key <key>", "master key of the node")
    .option("--group <group>", "replica group")
    .option("--zone <zone>", "failure domain")
    .option("--weight <number>", "capacity, relative to the others", positive)
    .action(async (id: string, nodeUrl: string, options: NodeOptions, command: Command) => {
      const { nodeKey, group, zone, weight } = options;
      const node = { id, url: nodeUrl, ...given({ key: nodeKey, group, zone, weight }) };
      await add(contextOf(command), id, node);
    });
  nodes
    .command("change")
    .description("change a node's address, key, zone or weight")
    .argument("<id>")
    .option("--node-url <url>")
    .option("--node-key <key>")
    .option("--zone <zone>")
    .option("--weight <number>", "capacity, relative to the others", positive)
    .action(async (id: string, options: NodeOptions & { nodeUrl?: string }, command: Command) => {
      const { nodeUrl, nodeKey, zone, weight } = options;
      const patch = given({ url: nodeUrl, key: nodeKey, zone, weight });
      await change(contextOf(command), "PATCH", path(id), patch, false);
    });
  addLeaving(nodes);
}

function addLeaving(nodes: Command): void {
  nodes
    .command("drain")
    .description("bring all shards off a node")
    .argument("<id>")
    .option("--watch", "wait until it is over")
    .action(async (id: string, { watch }: { watch?: true }, command: Command) => {
      await change(contextOf(command), "POST", `${path(id)}/drain`, {}, watch === true);
    });
  nodes
    .command("resume")
    .description("let a draining node take shards again")
    .argument("<id>")
    .action(async (id: string, _options: object, command: Command) => {
      await change(contextOf(command), "POST", `${path(id)}/resume`, {}, false);
    });
  nodes
    .command("replace")
    .description("bring all shards of a node to one other, which takes its place")
    .argument("<id>")
    .argument("<by>", "the node that takes them")
    .option("--watch", "wait until it is over")
    .action(async (id: string, by: string, { watch }: { watch?: true }, command: Command) => {
      await change(contextOf(command), "POST", `${path(id)}/replace`, { by }, watch === true);
    });
  nodes
    .command("remove")
    .description("drain a node and then forget it")
    .argument("<id>")
    .option("--watch", "wait until it is over")
    .action(async (id: string, { watch }: { watch?: true }, command: Command) => {
      await change(contextOf(command), "DELETE", path(id), {}, watch === true);
    });
}

/** Adds a node and waits until it answers, for a while: then it says why it does not. */
async function add({ client, show }: Context, id: string, node: object): Promise<void> {
  await client.ask("POST", "/_miroir/nodes", changeView, node);
  const endsAt = Date.now() + JOIN_MS;
  for (;;) {
    const { results } = await client.ask("GET", "/_miroir/nodes", nodesView);
    const added = results.find((one) => one.id === id);
    if (added === undefined || added.state !== "joining" || Date.now() > endsAt) {
      show(added, () => joinText(id, added));
      return;
    }
    await pause(LOOK_MS);
  }
}

function joinText(id: string, node: z.infer<typeof nodeView> | undefined): string {
  if (node?.state === "active") return `node ${id} is active`;
  const problem = node?.problem ?? node?.health ?? "gone";
  return `node ${id} does not answer yet (${problem}); it joins when it does`;
}

async function list(command: Command): Promise<void> {
  const { client, show } = contextOf(command);
  const view = await client.ask("GET", "/_miroir/nodes", nodesView);
  show(view, () =>
    table(
      ["node", "state", "health", "replicas", "group", "zone", "weight", "url"],
      view.results.map((node) => [
        node.id,
        node.state,
        node.problem === null ? node.health : `${node.health}: ${node.problem}`,
        `${node.replicas}`,
        node.group,
        node.zone ?? "",
        `${node.weight}`,
        node.url,
      ]),
    ),
  );
}

/** Only what was said on the command line. */
function given(options: Readonly<Record<string, string | number | undefined>>): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0) || number === Infinity) {
    throw new InvalidArgumentError("It must be a number above 0.");
  }
  return number;
}
