/**
 * `npx miroir-ctl`: what an operator does, from a shell. Exit codes: 0 done, 1 it could not be done,
 * 2 the command line is wrong.
 */
import { Command, CommanderError, Option } from "commander";

import { addAliasCommands } from "./alias-commands.ts";
import { addClientCommands } from "./client-commands.ts";
import { CommandError } from "./client.ts";
import { addClusterCommands } from "./cluster-commands.ts";
import { addCompletion } from "./completion.ts";
import { addDoctor } from "./doctor.ts";
import { addIndexCommands } from "./index-commands.ts";
import { addKeyCommands } from "./key-commands.ts";
import { addNodeCommands } from "./node-commands.ts";
import { addOperationCommands } from "./operation-commands.ts";
import { addVerify } from "./verify-command.ts";

const program = new Command("miroir-ctl")
  .description("Operate a Miroir: nodes, placement, operations.")
  .addOption(
    new Option("--url <url>", "where Miroir listens")
      .env("MIROIR_URL")
      .default("http://localhost:7700"),
  )
  .addOption(new Option("--key <key>", "the master key, or a key with miroir.*").env("MIROIR_KEY"))
  .option("--json", "print JSON")
  .exitOverride();

addClusterCommands(program);
addNodeCommands(program);
addIndexCommands(program);
addAliasCommands(program);
addOperationCommands(program);
addClientCommands(program);
addKeyCommands(program);
addVerify(program);
addDoctor(program);
addCompletion(program);
for (const command of every(program)) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const message = error instanceof CommandError ? error.message : String(error);
    console.error(`miroir-ctl: ${message}`);
    process.exitCode = 1;
  }
}

function every(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(every)];
}
