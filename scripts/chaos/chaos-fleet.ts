/**
 * A fleet to be broken: real nodes and Miroir, each a process that can be killed, stopped, started
 * and (a node) emptied. Beside it one Meilisearch that nobody breaks, to compare with.
 */
import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { isHealthyWithin } from "../health.ts";
import { buildWorker } from "../miniflare-host.ts";
import { workerVariables, type NamedNode } from "../options.ts";
import { nextFreePort } from "../ports.ts";
import { Processes } from "../processes.ts";
import { startRealNode, startRealNodes, type RealNodesRequest } from "../real-nodes.ts";
import { PROJECT } from "../wrangler.ts";

const SERVICE = "miroir";
const REFERENCE = "one";
export const CHAOS_KEY = "chaos-key";
const READY_WITHIN_MS = 60_000;

/** Of what Miroir says; all of it is in the folder's `miroir.log`. */
const SHOWN = /replica_|tasks_wait|rror(?!":"Error: Network)/;

export interface ChaosFleetOptions {
  readonly folder: string;
  readonly program: string;
  readonly nodeCount: number;
  /** Nodes that run and belong to no cluster yet. */
  readonly spareCount: number;
  readonly replicationFactor: number;
  readonly portsFrom: number;
  /** Settings of the Worker beyond those of every fleet. */
  readonly variables: Readonly<Record<string, string>>;
}

export class ChaosFleet {
  readonly #options: ChaosFleetOptions;
  readonly #processes: Processes;
  readonly #expected = new Set<string>();
  readonly #nodesRequest: RealNodesRequest;
  #nodes: readonly NamedNode[] = [];
  #members: readonly NamedNode[] = [];
  #port = 0;
  nodeKey = "";
  reference: NamedNode = { id: REFERENCE, url: "" };
  /** Nodes with a replica that is not in sync. */
  readonly away = new Set<string>();
  /** Ends of processes that nobody asked for. */
  readonly crashes: string[] = [];

  constructor(options: ChaosFleetOptions) {
    this.#options = options;
    this.#processes = new Processes(({ name, code, signal }) => {
      if (this.#expected.delete(name)) return;
      this.crashes.push(`${name} ended by itself (${signal ?? code})`);
    });
    const { nodeCount, spareCount } = options;
    const names = Array.from({ length: nodeCount + spareCount }, (_, position) => `n${position}`);
    this.#nodesRequest = {
      program: options.program,
      names: [...names, REFERENCE],
      folder: join(options.folder, "nodes"),
      portsFrom: options.portsFrom + 1,
      key: undefined,
      onLine: (name, line) => process.stderr.write(`[${name}] ${line}\n`),
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** All that run, spare ones too. */
  get nodes(): readonly NamedNode[] {
    return this.#nodes;
  }

  /** The nodes that the cluster begins with. */
  get members(): readonly NamedNode[] {
    return this.#members;
  }

  get spares(): readonly NamedNode[] {
    return this.#nodes.filter((node) => !this.#members.includes(node));
  }

  /** Takes a node that will not run again from the nodes. */
  forget(node: NamedNode): void {
    this.#nodes = this.#nodes.filter(({ id }) => id !== node.id);
  }

  async start(): Promise<void> {
    const { folder, portsFrom } = this.#options;
    await buildWorker(join(folder, "build"));
    const { nodes, key } = await startRealNodes(this.#processes, this.#nodesRequest);
    this.nodeKey = key;
    this.reference = nodes.find(({ id }) => id === REFERENCE) ?? this.reference;
    this.#nodes = nodes.filter(({ id }) => id !== REFERENCE);
    this.#members = this.#nodes.slice(0, this.#options.nodeCount);
    this.#port = await nextFreePort(portsFrom, new Set());
    await this.startService();
  }

  async startService(): Promise<void> {
    const { folder, replicationFactor } = this.#options;
    const options = { key: CHAOS_KEY, shardCount: 16, replicationFactor };
    const request = {
      port: this.#port,
      storage: join(folder, "v3"),
      build: join(folder, "build"),
      variables: {
        ...workerVariables(options, this.#members, this.nodeKey),
        ...this.#options.variables,
      },
    };
    this.#processes.start({
      name: SERVICE,
      command: process.execPath,
      args: [join(PROJECT, "scripts/chaos/service.ts")],
      cwd: PROJECT,
      environment: { ...process.env, MIROIR_CHAOS_SERVICE: JSON.stringify(request) },
      onLine: (line) => {
        appendFileSync(join(folder, "miroir.log"), `${new Date().toISOString()} ${line}\n`);
        this.#follow(line);
        if (SHOWN.test(line)) process.stderr.write(`[miroir] ${line}\n`);
      },
    });
    const isRunning = (): boolean => this.#processes.isRunning(SERVICE);
    if (!(await isHealthyWithin(READY_WITHIN_MS, this.url, isRunning))) {
      throw new Error("Miroir does not answer /health");
    }
  }

  /** What Miroir says of replicas: which of them searches have to do without. */
  #follow(line: string): void {
    const [, event, node = ""] =
      /"event":"replica_(left|returned)".*"node":"([^"]+)"/.exec(line) ?? [];
    if (event === "left") this.away.add(node);
    if (event === "returned") this.away.delete(node);
  }

  async startNode(node: NamedNode): Promise<void> {
    await startRealNode(this.#processes, this.#nodesRequest, node, this.nodeKey);
  }

  /** Ends a process that is expected to end; resolves when it is gone. */
  async end(name: string, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    this.#expected.add(name);
    await this.#processes.end(name, signal);
  }

  async endService(): Promise<void> {
    await this.end(SERVICE, "SIGKILL");
  }

  /** Stops a process in its tracks, or lets it go on. */
  signal(name: string, signal: "SIGSTOP" | "SIGCONT"): void {
    this.#processes.signal(name, signal);
  }

  /** Empties a node that does not run. */
  wipe(name: string): void {
    rmSync(join(this.#options.folder, "nodes", name), { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    for (const { id } of this.#nodes) this.signal(id, "SIGCONT");
    await this.#processes.stop();
  }
}
