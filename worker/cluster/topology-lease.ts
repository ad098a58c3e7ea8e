/**
 * An isolate's view of the topology: a snapshot that may be used while its lease lasts, and is asked
 * again after that. A lease of 0 ms serves only the request that asked for it.
 */
import type { Cluster } from "../../durable-objects/cluster.ts";
import type { StoredIndex, WireTopology } from "../../durable-objects/rpc.ts";
import { ALL_OFF, type FeatureFlags } from "../core/features/feature-flags.ts";
import type { KeyGrant } from "../core/keys/key.ts";
import type { SearchRule } from "../core/rules/rule.ts";
import { storedSettings } from "../core/settings/stored-settings.ts";
import { searchRulesOf } from "../rule-schema.ts";
import type { IndexEntry, Topology } from "../core/topology/topology.ts";

/** Given back early, so that a slow clock in this isolate cannot stretch a lease. */
const MARGIN_MS = 250;

/** The way to the Cluster, gone only when the lease has to be renewed: a stub costs time to make. */
export type ClusterSource = () => DurableObjectStub<Cluster>;

const NO_RULES = { version: 0, rules: [] };

export class TopologyLease {
  #name = "";
  #topology: Topology | undefined;
  #validUntil = 0;
  #decoded: ReadonlyMap<string, IndexEntry> = new Map();
  #keys: readonly KeyGrant[] = [];
  #features = ALL_OFF;
  #rulesVersion = 0;
  #rules: { readonly version: number; readonly rules: readonly SearchRule[] } = NO_RULES;
  #askedAt = 0;

  /** The topology, under a lease that is alive now. */
  async topology(cluster: ClusterSource): Promise<Topology> {
    if (this.#topology !== undefined && Date.now() < this.#validUntil) return this.#topology;
    // Every request asks for itself: a promise of another request's dies with that request.
    return await this.#ask(cluster);
  }

  /** Whether the topology is the newest here, and its lease alive now. */
  isLeased(topology: Topology): boolean {
    return topology === this.#topology && Date.now() < this.#validUntil;
  }

  /** The topology as it is now. */
  async refreshed(cluster: ClusterSource): Promise<Topology> {
    return await this.#ask(cluster);
  }

  /**
   * The keys, under the same lease; the same object as long as they are the same. With `maxAgeMs`,
   * from a snapshot that was asked for no earlier than so long before this call.
   */
  async keys(cluster: ClusterSource, maxAgeMs: number = Infinity): Promise<readonly KeyGrant[]> {
    const oldest = Date.now() - maxAgeMs;
    for (;;) {
      await this.topology(cluster);
      if (this.#askedAt >= oldest) return this.#keys;
      // Not used by anybody while a newer one is asked for: the Cluster counts that as what we use.
      this.#validUntil = 0;
    }
  }

  /** The experimental features that are on, under the same lease. */
  async features(cluster: ClusterSource): Promise<FeatureFlags> {
    await this.topology(cluster);
    return this.#features;
  }

  /** The dynamic search rules, under the same lease; asked for when there are others. */
  async rules(cluster: ClusterSource): Promise<readonly SearchRule[]> {
    await this.topology(cluster);
    if (this.#rules.version < this.#rulesVersion) {
      const { version, rules } = await cluster().searchRules();
      if (version > this.#rules.version) this.#rules = { version, rules: searchRulesOf(rules) };
    }
    return this.#rules.rules;
  }

  /** As the last snapshot said, without asking: for what need not be exact. */
  get lastFeatures(): FeatureFlags {
    return this.#features;
  }

  /** Forgets the snapshot; the name of the lease that is free now. */
  drop(): string | undefined {
    const released = this.#name === "" ? undefined : this.#name;
    this.#name = "";
    this.#validUntil = 0;
    return released;
  }

  async #ask(cluster: ClusterSource): Promise<Topology> {
    if (this.#name === "") this.#name = crypto.randomUUID();
    const name = this.#name;
    const askedAt = Date.now();
    const reply = await cluster().snapshot(name, this.#topology?.epoch);
    // An answer that was overtaken by a newer one must not bring back what that one took away.
    if (reply.kind === "changed" && reply.topology.epoch > (this.#topology?.epoch ?? 0)) {
      this.#topology = this.#decode(reply.topology);
    }
    this.#askedAt = Math.max(this.#askedAt, askedAt);
    if (this.#topology === undefined) throw new Error("the first snapshot is whole");
    // Dropped while we asked: what came is good for this request, but there is no lease any more.
    if (name === this.#name) this.#validUntil = askedAt + reply.leaseMs - MARGIN_MS;
    return this.#topology;
  }

  /** Entries are decoded once per change of their own, not once per epoch. */
  #decode(wire: WireTopology): Topology {
    const decoded = new Map<string, IndexEntry>();
    const indexes = new Map(
      wire.indexes.map((stored) => {
        const text = JSON.stringify(stored);
        const entry = this.#decoded.get(text) ?? entryOf(stored);
        decoded.set(text, entry);
        return [entry.uid, entry] as const;
      }),
    );
    this.#decoded = decoded;
    this.#features = wire.features;
    this.#rulesVersion = wire.rulesVersion;
    if (JSON.stringify(wire.keys) !== JSON.stringify(this.#keys)) this.#keys = wire.keys;
    const aliases = new Map(wire.aliases.map(({ name, indexes: uids }) => [name, uids]));
    return { epoch: wire.epoch, nodes: wire.nodes, indexes, aliases };
  }
}

export function entryOf({ settings, ...rest }: StoredIndex): IndexEntry {
  return { ...rest, settings: storedSettings(settings) };
}
