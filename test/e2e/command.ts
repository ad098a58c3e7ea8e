/** `npm start` as a user runs it: a process, its output, its end, and whether anything is left. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { PROJECT } from "../../scripts/wrangler.ts";

const READY_WITHIN_MS = 90_000;

export interface Command {
  readonly output: () => string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  /** What a terminal does at Ctrl-C: SIGINT to every process of the foreground group. */
  readonly interrupt: () => Promise<number | null>;
}

export function npm(args: readonly string[]): Command {
  const child = spawn("npm", args, {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    output: () => output,
    ended,
    interrupt: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
      return await ended;
    },
  };
}

/** Wait for the ready message; throws with the output when the command ends before it. */
export async function untilReady(command: Command): Promise<void> {
  const end = performance.now() + READY_WITHIN_MS;
  let isRunning = true;
  void command.ended.then(() => {
    isRunning = false;
  });
  while (isRunning && performance.now() < end) {
    if (command.output().includes("Miroir is ready.")) return;
    await pause(50);
  }
  throw new Error(`not ready: ${command.output()}`);
}

/** Processes that name this state folder, by their command lines; Linux only. */
export function processesOf(stateFolder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine)
    .filter((line) => line.includes(stateFolder));
}

function commandLine(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
