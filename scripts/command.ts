/**
 * What `npm start` and `npm run serve` have in common: options, state folder, nodes, the ready
 * message, and an end that leaves nothing behind, however it comes (Ctrl-C, SIGTERM, a closed
 * terminal, an npm that was killed, a child that died).
 */
import { isHealthyWithin } from "./health.ts";
import {
  OptionError,
  parseOptions,
  usage,
  workerVariables,
  type NamedNode,
  type Options,
} from "./options.ts";
import { isPortFree } from "./ports.ts";
import { Processes, type Exit } from "./processes.ts";
import { readyMessage } from "./ready-message.ts";
import { startRealNodes } from "./real-nodes.ts";
import { messageOf, openStateFolder, StartError, type StateFolder } from "./state-folder.ts";

const READY_WITHIN_MS = 60_000;
const PARENT_CHECK_MS = 500;

export interface LaunchContext {
  readonly options: Options;
  readonly state: StateFolder;
  /** The Worker's variables, of the nodes as they run. */
  readonly variables: Readonly<Record<string, string>>;
  readonly processes: Processes;
  /** Aborted when the command is told to end. */
  readonly signal: AbortSignal;
}

export interface Runtime {
  /** Name of the process whose end is ours; undefined when the Worker runs inside this one. */
  readonly process: string | undefined;
  readonly stop: () => Promise<void>;
}

/** Run a command until it is told to end; never returns. */
export async function runCommand(
  name: string,
  launch: (context: LaunchContext) => Promise<Runtime>,
): Promise<void> {
  const options = readOptions(name);
  const session = new Session();
  try {
    await session.run(options, launch);
  } catch (error) {
    // What fails while we are being stopped failed because of that.
    if (session.isStopping) return;
    const isExpected = error instanceof StartError || error instanceof OptionError;
    session.say(
      `miroir: ${isExpected || !(error instanceof Error) ? messageOf(error) : error.stack}`,
    );
    await session.stop(error instanceof OptionError ? 2 : 1);
  }
}

function readOptions(name: string): Options {
  try {
    const command = parseOptions(process.argv.slice(2), process.env);
    if (command.kind === "run") return command.options;
    process.stdout.write(`${usage(name)}\n`);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`miroir: ${error.message}\n`);
    process.exit(2);
  }
}

class Session {
  readonly #processes = new Processes((exit) => this.#childEnded(exit));
  #state: StateFolder | undefined;
  #runtime: Runtime | undefined;
  readonly #end = new AbortController();

  get isStopping(): boolean {
    return this.#end.signal.aborted;
  }

  say(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  async run(options: Options, launch: (context: LaunchContext) => Promise<Runtime>): Promise<void> {
    this.#stopOnSignals();
    if (!(await isPortFree(options.port))) {
      throw new StartError(`port ${options.port} is in use; choose another with --port`);
    }
    const state = await openStateFolder(options.stateFolder, options.port);
    this.#state = state;
    const { nodes, key } = await this.#nodes(options, state);
    if (this.isStopping) return;
    const variables = workerVariables(options, nodes, key);
    const { signal } = this.#end;
    this.#runtime = await launch({ options, state, variables, processes: this.#processes, signal });
    const url = `http://127.0.0.1:${options.port}`;
    const { process: child } = this.#runtime;
    const isRunning = (): boolean =>
      !this.isStopping && (child === undefined || this.#processes.isRunning(child));
    const isReady = await isHealthyWithin(READY_WITHIN_MS, url, isRunning);
    if (this.isStopping) return;
    if (!isReady) throw new StartError("the Worker does not answer /health; see above");
    process.stdout.write(readyMessage(options, nodes));
  }

  async stop(code: number): Promise<void> {
    if (this.isStopping) return;
    this.#end.abort();
    await this.#runtime?.stop().catch((error: unknown) => this.say(messageOf(error)));
    await this.#processes.stop();
    this.#state?.release();
    process.exit(code);
  }

  async #nodes(
    { fleet, nodeKey, port }: Options,
    state: StateFolder,
  ): Promise<{ nodes: readonly NamedNode[]; key: string | undefined }> {
    if (fleet.kind !== "started") return { nodes: fleet.nodes, key: nodeKey };
    return await startRealNodes(this.#processes, {
      program: fleet.program,
      names: fleet.names,
      folder: state.nodes,
      portsFrom: port + 1,
      key: nodeKey,
      onLine: (name, line) => this.say(`[${name}] ${line}`),
    });
  }

  /** A node that ends is for Miroir to live with; the Worker's process is Miroir itself. */
  #childEnded({ name, code, signal }: Exit): void {
    this.say(`miroir: ${name} ended by itself (${signal ?? `exit code ${code}`})`);
    if (this.#runtime !== undefined && name === this.#runtime.process) void this.stop(code || 1);
  }

  #stopOnSignals(): void {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => void this.stop(0));
    }
    // A terminal that is gone, or `npm start | head`: our output has nowhere to go.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
    // npm passes signals on, but a killed npm cannot.
    if (process.env["npm_lifecycle_event"] !== undefined) {
      const parent = process.ppid;
      setInterval(() => {
        if (process.ppid !== parent) void this.stop(0);
      }, PARENT_CHECK_MS).unref();
    }
  }
}
