/** `replicas` and `repair`: one index. */
import { InvalidArgumentError, type Command } from "commander";

import { change, contextOf } from "./context.ts";

const path = (uid: string): string => `indexes/${encodeURIComponent(uid)}`;

export function addIndexCommands(program: Command): void {
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
