/** `indexes`, and what is changed of one index. */
import { InvalidArgumentError, type Command } from "commander";

import { topologyView, writesView } from "../../worker/admin/schemas.ts";
import { change, contextOf, type Context } from "./context.ts";
import { bytesText, table } from "./print.ts";
import { waitingForText, writesOf } from "./writes.ts";

const path = (uid: string): string => `indexes/${encodeURIComponent(uid)}`;

const writesPath = (uid: string): string => `/_miroir/${path(uid)}/writes`;

export function addIndexCommands(program: Command): void {
  program
    .command("indexes")
    .description("the write log of every index: what is left to do, and why tasks wait")
    .action(async (_options: object, command: Command) => await list(contextOf(command)));
  program
    .command("replicas")
    .description("change how many replicas each shard of an index has, in every group")
    .argument("<index>")
    .argument("<count>", "replicas", replicaCount)
    .option("--watch", "wait until it is over")
    .action(
      async (uid: string, replicas: number, { watch }: { watch?: true }, command: Command) => {
        const context = contextOf(command);
        await change(context, "POST", `${path(uid)}/replicas`, { replicas }, watch === true);
      },
    );
  program
    .command("min-in-sync")
    .description("change how many in-sync replicas of every shard no task of an index ends without")
    .argument("<index>")
    .argument("<count>", "replicas", replicaCount)
    .action(async (uid: string, minInSync: number, _options: object, command: Command) => {
      const { client, show } = contextOf(command);
      const view = await client.ask("PATCH", writesPath(uid), writesView, { minInSync });
      show(view, () => `tasks of ${uid} end with at least ${minInSync} in-sync replicas`);
    });
  program
    .command("repair")
    .description("compare the replicas of every shard, and copy anew what differs")
    .argument("<index>")
    .option("--watch", "wait until it is over")
    .action(async (uid: string, { watch }: { watch?: true }, command: Command) => {
      await change(contextOf(command), "POST", `${path(uid)}/repair`, {}, watch === true);
    });
  program
    .command("reshard")
    .description("build an index anew with another number of shards, while it is used")
    .argument("<index>")
    .argument("<count>", "shards", shardCount)
    .option("--watch", "wait until it is over")
    .action(async (uid: string, shards: number, { watch }: { watch?: true }, command: Command) => {
      const context = contextOf(command);
      await change(context, "POST", `${path(uid)}/reshard`, { shards }, watch === true);
    });
}

async function list({ client, show }: Context): Promise<void> {
  const { indexes } = await client.ask("GET", "/_miroir/topology", topologyView);
  const views = await writesOf(
    client,
    indexes.map(({ uid }) => uid),
  );
  show(views, () => {
    const rows = views.map((view) => {
      const { index, head, finishedTo, bytes, minInSync } = view;
      const left = head === finishedTo ? "done" : `${head - finishedTo} entries left`;
      return [index, left, bytesText(bytes), `${minInSync}`, waitingForText(view)];
    });
    return table(["index", "writes", "log", "min in sync", ""], rows);
  });
}

function shardCount(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1) {
    throw new InvalidArgumentError("It must be a whole number from 1 to 4096.");
  }
  return Number(text);
}

function replicaCount(text: string): number {
  if (!/^\d{1,2}$/.test(text) || Number(text) < 1) {
    throw new InvalidArgumentError("It must be a whole number of at least 1.");
  }
  return Number(text);
}
