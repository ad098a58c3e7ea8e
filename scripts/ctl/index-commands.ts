/** `replicas`, `reshard` and `repair`: one index. */
import { InvalidArgumentError, type Command } from "commander";

import { change, contextOf } from "./context.ts";

const path = (uid: string): string => `indexes/${encodeURIComponent(uid)}`;

export function addIndexCommands(program: Command): void {
  program
    .command("replicas")
    .description("change how many replicas each shard of an index has, in every group")
    .argument("<index>")
    .argument("<count>", "replicas", wholeNumber)
    .option("--watch", "wait until it is over")
    .action(
      async (uid: string, replicas: number, { watch }: { watch?: true }, command: Command) => {
        const context = contextOf(command);
        await change(context, "POST", `${path(uid)}/replicas`, { replicas }, watch === true);
      },
    );
  program
    .command("reshard")
    .description("build an index anew with another number of shards")
    .argument("<index>")
    .argument("<shards>", "how many", wholeNumber)
    .option("--watch", "wait until it is over")
    .action(async (uid: string, shards: number, { watch }: { watch?: true }, command: Command) => {
      await change(contextOf(command), "POST", `${path(uid)}/reshard`, { shards }, watch === true);
    });
  program
    .command("repair")
    .description("compare the replicas of every shard, and copy anew what differs")
    .argument("<index>")
    .option("--watch", "wait until it is over")
    .action(async (uid: string, { watch }: { watch?: true }, command: Command) => {
      await change(contextOf(command), "POST", `${path(uid)}/repair`, {}, watch === true);
    });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1) {
    throw new InvalidArgumentError("It must be a whole number of at least 1.");
  }
  return Number(text);
}
