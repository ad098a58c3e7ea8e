/** The topology as Workers get it, each with a lease on it. */
import type { Epoch } from "../worker/core/ids.ts";
import { grantOf } from "../worker/core/keys/key.ts";
import type { Leases } from "../worker/core/topology/leases.ts";
import { visible } from "../worker/core/topology/registry.ts";
import { asRead } from "./index-views.ts";
import type { NodeRoster } from "./node-roster.ts";
import type { SnapshotReply } from "./rpc.ts";
import type { AliasStore } from "./storage/alias-store.ts";
import type { FeatureStore } from "./storage/feature-store.ts";
import type { KeyStore } from "./storage/key-store.ts";
import type { RegisteredIndex, RegistryStore } from "./storage/registry-store.ts";
import type { RuleStore } from "./storage/rule-store.ts";

export interface SnapshotSources {
  readonly store: RegistryStore;
  readonly keys: KeyStore;
  readonly features: FeatureStore;
  readonly rules: RuleStore;
  readonly aliases: AliasStore;
  readonly leases: Leases;
  readonly roster: NodeRoster;
  readonly indexes: () => readonly RegisteredIndex[];
  readonly epoch: () => Epoch;
  readonly now: () => number;
}

export class Snapshots {
  readonly #sources: SnapshotSources;

  constructor(sources: SnapshotSources) {
    this.#sources = sources;
  }

  /** Remembers the lease, by its name, before the Worker hears of it. */
  grant(lease: string, known: Epoch | undefined, leaseMs: number): SnapshotReply {
    const { store, leases, now } = this.#sources;
    const epoch = this.#sources.epoch();
    const at = now();
    const horizon = leases.grant(lease, known, { epoch, until: at + leaseMs }, at);
    if (horizon !== undefined) store.setLeaseHorizon(horizon);
    if (known === epoch) return { kind: "unchanged", leaseMs };
    const { roster, indexes, keys, features, rules, aliases } = this.#sources;
    return {
      kind: "changed",
      leaseMs,
      topology: {
        epoch,
        nodes: roster.all(),
        indexes: visible(indexes()).map(asRead),
        keys: keys.all().map(grantOf),
        features: features.flags,
        rulesVersion: rules.version,
        aliases: aliases.wire(),
      },
    };
  }
}
