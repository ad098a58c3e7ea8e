/**
 * The cluster's nodes: those of the configuration, with the state that was decided for each and the
 * health that probes last saw. Health is never stored: after a start every node is unknown.
 */
import type { ConfiguredNode } from "../worker/config.ts";
import type { NodeId } from "../worker/core/ids.ts";
import type { Node } from "../worker/core/topology/topology.ts";
import type { NodeClient } from "../worker/nodes/node-client.ts";
import type { NodeIdentities } from "./node-identities.ts";
import { prepare, probe } from "./node-probe.ts";
import { report } from "./report.ts";
import type { RegistryStore } from "./storage/registry-store.ts";

export interface Roster {
  readonly configured: readonly ConfiguredNode[];
  /** Key for nodes that name none of their own. */
  readonly nodeKey: string | undefined;
  /** Nodes that hold shards: they stay, even when the configuration forgets them. */
  readonly holders: ReadonlySet<NodeId>;
}

export class NodeRoster {
  readonly #store: RegistryStore;
  readonly #client: NodeClient;
  readonly #identities: Pick<NodeIdentities, "identify">;
  /** Called after health has changed. */
  readonly #onChange: () => void;
  #nodes: readonly Node[];
  #probing: Promise<void> | undefined;

  constructor(
    store: RegistryStore,
    client: NodeClient,
    roster: Roster,
    identities: Pick<NodeIdentities, "identify">,
    onChange: () => void,
  ) {
    this.#store = store;
    this.#client = client;
    this.#identities = identities;
    this.#onChange = onChange;
    this.#nodes = this.#configured(roster);
  }

  all(): readonly Node[] {
    return this.#nodes;
  }

  /** Whether any probe has ended since the start. */
  isProbed(): boolean {
    return this.#nodes.some(({ health }) => health !== "unknown");
  }

  /** Probes every node; a pass that is under way serves all who ask. */
  async probe(): Promise<void> {
    this.#probing ??= this.#probeNodes().finally(() => {
      this.#probing = undefined;
    });
    await this.#probing;
  }

  #configured({ configured, nodeKey, holders }: Roster): readonly Node[] {
    const stored = this.#store.nodes();
    const known = new Map(stored.map((node) => [node.id, node]));
    const nodes = configured.map(({ id, url, key, group, zone, weight }): Node => ({
      id,
      url,
      key: key ?? nodeKey,
      group,
      zone,
      weight,
      state: known.get(id)?.state ?? "active",
      health: "unknown",
    }));
    for (const node of stored) {
      if (nodes.some(({ id }) => id === node.id)) continue;
      if (holders.has(node.id)) nodes.push(node);
      else this.#store.removeNode(node);
    }
    for (const node of nodes) this.#store.putNode(node);
    return nodes;
  }

  async #probeNodes(): Promise<void> {
    const probes = await Promise.all(
      this.#nodes.map(async (node) => {
        const check = node.health === "healthy" ? probe : prepare;
        const seen = await check(this.#client, node);
        return [node.id, await this.#identities.identify(node, seen)] as const;
      }),
    );
    const found = new Map(probes);
    const changed = this.#nodes.filter(({ id, health }) => found.get(id)?.health !== health);
    for (const { id } of changed) report("node_health", { node: id, ...found.get(id) });
    if (changed.length === 0) return;
    this.#nodes = this.#nodes.map((node) => ({
      ...node,
      health: found.get(node.id)?.health ?? node.health,
    }));
    this.#onChange();
  }
}
