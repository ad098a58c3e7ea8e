/** What every command has: the connection, how to print, and how to wait for an operation. */
import { setTimeout as pause } from "node:timers/promises";

import type { Command } from "commander";

import { changeView, operationDetail } from "../../worker/admin/schemas.ts";
import { Client, CommandError } from "./client.ts";
import { progressText, subjectOf, waitingText, type OperationView } from "./operation-text.ts";

export interface Context {
  readonly client: Client;
  readonly isJson: boolean;
  /** Prints the value as JSON when that was asked for, else the text. */
  readonly show: (value: unknown, text: () => string) => void;
}

export function contextOf(command: Command): Context {
  const { url, key, json } = command.optsWithGlobals<{ url: string; key?: string; json?: true }>();
  if (key === undefined) throw new CommandError("--key, or MIROIR_KEY, must be given");
  const isJson = json === true;
  return {
    client: new Client({ url, key }),
    isJson,
    show: (value, text) => console.log(isJson ? JSON.stringify(value, null, 2) : text()),
  };
}

const LOOK_MS = 500;

/** Asks for a change, and with `--watch` waits until the operation that it began is over. */
export async function change(
  context: Context,
  method: "POST" | "DELETE" | "PATCH",
  path: string,
  body: object,
  watch: boolean,
): Promise<void> {
  const { client, show } = context;
  const reply = await client.ask(
    method,
    `/_miroir/${path}`,
    changeView,
    method === "DELETE" ? undefined : body,
  );
  const { operation } = reply;
  if (operation === null || !watch) {
    show(reply, () => acceptedText(operation));
    return;
  }
  await watched(context, operation.id);
}

function acceptedText(operation: OperationView | null): string {
  if (operation === null) return "done";
  const { id, kind, state } = operation;
  return `operation ${id} (${kind}) is ${state}; look at it with: miroir-ctl operations show ${id}`;
}

/** Shows the progress of an operation until it is over; a failed one is an error. */
export async function watched({ client, isJson, show }: Context, id: number): Promise<void> {
  const isTerminal = process.stderr.isTTY && !isJson;
  let told = "";
  for (;;) {
    const operation = await client.ask("GET", `/_miroir/operations/${id}`, operationDetail);
    const line = progressText(operation);
    if (isTerminal) process.stderr.write(`\r\x1b[2K${line}`);
    const waiting = waitingText(operation).join("; ");
    if (waiting !== "" && waiting !== told && !isJson) {
      process.stderr.write(`${isTerminal ? "\n" : ""}waiting: ${waiting}\n`);
      told = waiting;
    }
    if (operation.finishedAt !== null) {
      if (isTerminal) process.stderr.write("\n");
      show(operation, () => endText(operation));
      if (operation.state === "failed") process.exitCode = 1;
      return;
    }
    await pause(LOOK_MS);
  }
}

function endText(operation: OperationView): string {
  const { id, kind, state, error, progress } = operation;
  const subject = subjectOf(operation);
  const name = subject === "" ? kind : `${kind} ${subject}`;
  const end = `operation ${id} (${name}) ${state}: ${progress.documents} documents copied`;
  return error === null ? end : `${end}; ${error}`;
}
