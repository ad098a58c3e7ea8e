/**
 * The changes of an elasticity run, each through the admin API and watched until it is over: how
 * long it took, how many documents were copied, and how few it could have been.
 */
import { setTimeout as pause } from "node:timers/promises";

import {
  changeView,
  nodesView,
  operationDetail,
  operationList,
} from "../../worker/admin/schemas.ts";
import type { NamedNode } from "../options.ts";
import type { Client } from "../ctl/client.ts";

const JOIN_MAX_MS = 60_000;
const CHANGE_MAX_MS = 30 * 60_000;
const LOOK_MS = 500;

export interface ChangeFigures {
  readonly name: string;
  readonly seconds: number;
  readonly copied: number;
}

export class Changes {
  readonly #client: Client;
  readonly #nodeKey: string;

  constructor(client: Client, nodeKey: string) {
    this.#client = client;
    this.#nodeKey = nodeKey;
  }

  async add(node: NamedNode): Promise<ChangeFigures> {
    await this.#client.ask("POST", "/_miroir/nodes", changeView, { ...node, key: this.#nodeKey });
    await until(JOIN_MAX_MS, `${node.id} is active`, async () => {
      const { results } = await this.#client.ask("GET", "/_miroir/nodes", nodesView);
      return results.some(({ id, state }) => id === node.id && state === "active");
    });
    return await this.#watched(`add ${node.id} and rebalance`, "rebalance", { dryRun: false });
  }

  async drain({ id }: NamedNode): Promise<ChangeFigures> {
    return await this.#watched(`drain ${id}`, `nodes/${id}/drain`, {});
  }

  async reshard(index: string, shards: number): Promise<ChangeFigures> {
    return await this.#watched(`reshard to ${shards}`, `indexes/${index}/reshard`, { shards });
  }

  /** Begun by the cluster itself, some time after the node's last answer. */
  async failure({ id }: NamedNode): Promise<ChangeFigures> {
    const startedAt = Date.now();
    let operation: number | undefined;
    await until(CHANGE_MAX_MS, `${id} counts as failed`, async () => {
      const { results } = await this.#client.ask("GET", "/_miroir/operations", operationList);
      operation = results.find(({ kind, node }) => kind === "fail" && node === id)?.id;
      return operation !== undefined;
    });
    return await this.#end(`SIGKILL ${id}, grace period and rebuild`, operation ?? 0, startedAt);
  }

  /** How many replicas of shards each node holds. */
  async spread(): Promise<string> {
    const { results } = await this.#client.ask("GET", "/_miroir/nodes", nodesView);
    return results.map(({ id, state, replicas }) => `${id} ${state} ${replicas}`).join(", ");
  }

  async #watched(name: string, path: string, body: object): Promise<ChangeFigures> {
    const startedAt = Date.now();
    const { operation } = await this.#client.ask("POST", `/_miroir/${path}`, changeView, body);
    if (operation === null) return { name, seconds: 0, copied: 0 };
    return await this.#end(name, operation.id, startedAt);
  }

  async #end(name: string, id: number, startedAt: number): Promise<ChangeFigures> {
    let copied = 0;
    await until(CHANGE_MAX_MS, `operation ${id} is over`, async () => {
      const one = await this.#client.ask("GET", `/_miroir/operations/${id}`, operationDetail);
      if (one.state === "failed") throw new Error(`${name} failed: ${one.error}`);
      copied = one.progress.documents;
      return one.state === "succeeded";
    });
    return { name, seconds: (Date.now() - startedAt) / 1000, copied };
  }
}

async function until(maxMs: number, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + maxMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not so after ${maxMs / 1000} s: ${what}`);
    await pause(LOOK_MS);
  }
}
