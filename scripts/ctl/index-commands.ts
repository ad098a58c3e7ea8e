/** `replicas`: one index. */
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
}

function replicaCount(text: string): number {
  if (!/^\d{1,2}$/.test(text) || Number(text) < 1) {
    throw new InvalidArgumentError("It must be a whole number of at least 1.");
  }
  return Number(text);
}
