/**
 * The cluster's nodes, with the state that was decided for each and the health that probes last
 * saw. Health is never stored: after a start every node is unknown. Nodes that were removed are kept
 * as long as the configuration names them, and shown to nobody.
 */
import type { ConfiguredNode } from "../worker/config.ts";
import type { Instant, NodeId } from "../worker/core/ids.ts";
import { rosterOf, type RosterNode } from "../worker/core/topology/roster.ts";
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
  readonly #nodeKey: string | undefined;
  readonly #identities: Pick<NodeIdentities, "identify" | "forget">;
  /** Called after health has changed. */
  readonly #onChange: () => void;
  #nodes: readonly RosterNode[];
  /** Why nodes are not healthy, in plain words. */
  #problems: ReadonlyMap<NodeId, string> = new Map();
  #probing: Promise<void> | undefined;

  constructor(
    store: RegistryStore,
    client: NodeClient,
    roster: Roster,
    identities: Pick<NodeIdentities, "identify" | "forget">,
    onChange: () => void,
  ) {
    this.#store = store;
    this.#client = client;
    this.#nodeKey = roster.nodeKey;
    this.#identities = identities;
    this.#onChange = onChange;
    this.#nodes = this.#known(roster);
  }

  all(): readonly Node[] {
    return this.#nodes.filter(({ state }) => state !== "removed").map(asNode);
  }

  problem(node: NodeId): string | undefined {
    return this.#problems.get(node);
  }

  downSince(): ReadonlyMap<NodeId, Instant> {
    const present = new Set(this.all().map(({ id }) => id));
    return new Map([...this.#store.downSince()].filter(([id]) => present.has(id)));
  }

  /** Whether any probe has ended since the start. */
  isProbed(): boolean {
    return this.#nodes.some(({ health }) => health !== "unknown");
  }

  /** Adds a node, or changes one that is there; it stays so across restarts. */
  put(node: Node): void {
    const pinned = { ...node, key: node.key ?? this.#nodeKey, pinned: true };
    const isKnown = this.#nodes.some(({ id }) => id === node.id);
    const replaced = this.#nodes.map((known) => (known.id === node.id ? pinned : known));
    this.#replace(isKnown ? replaced : [...replaced, pinned]);
  }

  /** States and seats that an operation decided. */
  decide(changes: readonly Pick<Node, "id" | "state" | "seat">[]): void {
    const byId = new Map(changes.map((change) => [change.id, change]));
    this.#replace(
      this.#nodes.map((node) => {
        const change = byId.get(node.id);
        return change === undefined ? node : { ...node, ...change };
      }),
    );
  }

  /** Probes every node; a pass that is under way serves all who ask. */
  async probe(): Promise<void> {
    this.#probing ??= this.#probeNodes().finally(() => {
      this.#probing = undefined;
    });
    await this.#probing;
  }

  #known({ configured, nodeKey, holders }: Roster): readonly RosterNode[] {
    const { nodes, forgotten } = rosterOf(
      configured.map(({ id, url, key, group, zone, weight }) => {
        return { id, url, key: key ?? nodeKey, group, zone, weight };
      }),
      this.#store.nodes(),
      holders,
    );
    for (const { id } of forgotten) {
      this.#store.removeNode(id);
      this.#store.setUp(id);
    }
    for (const node of nodes) this.#store.putNode(node);
    return nodes;
  }

  #replace(nodes: readonly RosterNode[]): void {
    const before = new Map(this.#nodes.map((node) => [node.id, node]));
    for (const node of nodes) {
      if (node === before.get(node.id)) continue;
      this.#store.putNode(node);
      if (node.state !== "removed") continue;
      this.#store.setUp(node.id);
      this.#identities.forget(node.id);
    }
    this.#nodes = nodes;
  }

  async #probeNodes(): Promise<void> {
    const probes = await Promise.all(
      this.all().map(async (node) => {
        const check = node.health === "healthy" ? probe : prepare;
        const seen = await check(this.#client, node);
        return [node.id, await this.#identities.identify(node, seen)] as const;
      }),
    );
    const found = new Map(probes);
    const now = Date.now();
    for (const [id, { health }] of found) {
      if (health === "healthy") this.#store.setUp(id);
      else this.#store.setDown(id, now);
    }
    this.#problems = new Map(
      probes.flatMap(([id, { problem }]) =>
        problem === undefined ? [] : [[id, problem] as const],
      ),
    );
    const healthOf = (node: Node) => found.get(node.id)?.health ?? node.health;
    const changed = this.#nodes.filter((node) => healthOf(node) !== node.health);
    for (const { id } of changed) report("node_health", { node: id, ...found.get(id) });
    if (changed.length === 0) return;
    this.#nodes = this.#nodes.map((node) => ({ ...node, health: healthOf(node) }));
    this.#onChange();
  }
}

function asNode(stored: RosterNode): Node {
  const { pinned: _, ...node } = stored;
  return node;
}
