/**
 * The state folder of one running Miroir: what is where, and a mark that keeps a second Miroir out
 * of it (two would write the same databases). A mark left by a killed one does not count: it holds
 * only while its process lives and its port answers.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { OptionError } from "./options.ts";
import { answers } from "./ports.ts";

/** A problem of the machine, not of the options; the message is one line for the user. */
export class StartError extends Error {
  override readonly name = "StartError";
}

export interface StateFolder {
  readonly path: string;
  /** Databases of Durable Objects and D1, in the layout that wrangler and miniflare share. */
  readonly storage: string;
  /** Data of real nodes. */
  readonly nodes: string;
  /** The built Worker. */
  readonly build: string;
  /** Give the folder free again. */
  readonly release: () => void;
}

export async function openStateFolder(path: string, port: number): Promise<StateFolder> {
  const mark = join(path, "running.json");
  try {
    createFolder(path);
    const holder = readMark(mark);
    if (holder !== undefined && isAlive(holder.pid) && (await answers(holder.port))) {
      throw new StartError(
        `${path} is used by the Miroir on port ${holder.port} (process ${holder.pid}); name another with --state`,
      );
    }
    writeFileSync(mark, JSON.stringify({ pid: process.pid, port }));
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new OptionError(`--state: cannot write to it: ${messageOf(error)}`);
  }
  return {
    path,
    storage: join(path, "v3"),
    nodes: join(path, "nodes"),
    build: join(path, "build"),
    release: () => rmSync(mark, { force: true }),
  };
}

/** Not `recursive: true`: Node.js never returns from that where the system refuses, as under /proc. */
function createFolder(path: string): void {
  if (existsSync(path)) return;
  createFolder(dirname(path));
  mkdirSync(path);
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

interface Mark {
  readonly pid: number;
  readonly port: number;
}

function readMark(path: string): Mark | undefined {
  try {
    const mark: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof mark !== "object" || mark === null || !("pid" in mark && "port" in mark)) return;
    const { pid, port } = mark;
    return typeof pid === "number" && typeof port === "number" ? { pid, port } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
