/**
 * The processes that one command starts. Each leads a group of its own, so that the terminal's
 * Ctrl-C reaches only us and we end them in order; `stop` returns when none is left, also of their
 * children. When one ends by itself, `onExit` says so. Should we be killed, the reaper ends them.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";

import { isGroupAlive, signalGroup, signalProcess, STOP_GRACE_MS } from "./process-groups.ts";

const REAPER = fileURLToPath(new URL("reaper.ts", import.meta.url));

export interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
}

export interface Exit {
  readonly name: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Processes {
  readonly #onExit: (exit: Exit) => void;
  readonly #running = new Map<number, Promise<void>>();
  readonly #names = new Map<string, number>();
  #reaper: ChildProcess | undefined;
  #isStopping = false;

  constructor(onExit: (exit: Exit) => void) {
    this.#onExit = onExit;
  }

  start({ name, command, args, cwd, environment, onLine }: Launch): void {
    if (this.#isStopping) return;
    const child = spawn(command, args, {
      cwd,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) this.#tellReaper(`+${pid}`);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", onLine);
    }
    const ended = new Promise<void>((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        resolve();
        this.#names.delete(name);
        if (pid !== undefined) this.#forget(pid);
        if (!this.#isStopping) this.#onExit({ name, code, signal });
      };
      child.once("exit", end);
      child.once("error", (error) => {
        if (pid !== undefined) return;
        onLine(error.message);
        end(127, null);
      });
    });
    if (pid !== undefined) {
      this.#running.set(pid, ended);
      this.#names.set(name, pid);
    }
  }

  isRunning(name: string): boolean {
    return this.#names.has(name);
  }

  /** Ends one process by a signal; resolves when it has ended. */
  async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const pid = this.#names.get(name);
    if (pid === undefined) return;
    signalGroup(pid, signal);
    await this.#running.get(pid);
  }

  /** Sends a signal to one process and its children. */
  signal(name: string, signal: NodeJS.Signals): void {
    const pid = this.#names.get(name);
    if (pid !== undefined) signalGroup(pid, signal);
  }

  /** End everything, the last started first asked; killed when it takes too long. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const running = [...this.#running].reverse();
    for (const [pid] of running) signalProcess(pid, "SIGTERM");
    const grace = new AbortController();
    const late = pause(STOP_GRACE_MS, undefined, { signal: grace.signal }).catch(() => {});
    await Promise.race([Promise.all(running.map(([, ended]) => ended)), late]);
    grace.abort();
    for (const [pid] of running) signalGroup(pid, "SIGKILL");
    // Bounded: where nobody collects orphans, a killed group looks alive for ever.
    for (let round = 0; round < 20 && running.some(([pid]) => isGroupAlive(pid)); round += 1) {
      await pause(10);
    }
    await this.#dismissReaper();
  }

  #forget(pid: number): void {
    this.#running.delete(pid);
    // A leader that ended by itself may have left children.
    if (!this.#isStopping) signalGroup(pid, "SIGKILL");
    this.#tellReaper(`-${pid}`);
  }

  #tellReaper(line: string): void {
    if (this.#reaper === undefined) {
      this.#reaper = spawn(process.execPath, [REAPER], {
        stdio: ["pipe", "ignore", "ignore"],
        detached: true,
      });
      this.#reaper.stdin?.on("error", () => {});
      this.#reaper.unref();
    }
    this.#reaper.stdin?.write(`${line}\n`);
  }

  async #dismissReaper(): Promise<void> {
    const reaper = this.#reaper;
    if (reaper === undefined || reaper.exitCode !== null || reaper.signalCode !== null) return;
    const gone = new Promise((resolve) => reaper.once("exit", resolve));
    reaper.ref();
    reaper.stdin?.end();
    await gone;
  }
}
