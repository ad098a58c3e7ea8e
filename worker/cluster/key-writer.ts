/**
 * Changes the cluster's keys, and answers when the change is in force everywhere: a deleted key is
 * refused, a created one is accepted, by every Worker that a client can reach after the answer.
 */
import type { Cluster } from "../../durable-objects/cluster.ts";
import type { Epoch } from "../core/ids.ts";
import { keyExists } from "../core/keys/key-errors.ts";
import type { ApiKey, KeyUid, NewKey } from "../core/keys/key.ts";
import { KEY_MISS_BELIEVED_MS } from "../core/limits.ts";
import type { TopologyLease } from "./topology-lease.ts";

export interface KeyTools {
  readonly cluster: DurableObjectStub<Cluster>;
  readonly lease: TopologyLease;
}

/** Leases also end early, when Workers give them up. */
const POLL_MS = 200;

/** Added to waits, as clocks do not run alike. */
const MARGIN_MS = 50;

export async function createKey({ cluster, lease }: KeyTools, key: NewKey): Promise<ApiKey> {
  const created = await cluster.createKey(key, lease.drop());
  if (created === undefined) throw keyExists(key.uid);
  // Workers ask again before they refuse a key that they do not know, but not at once.
  const waitMs = await cluster.leaseWaitMs(created.epoch);
  if (waitMs > 0) await sleep(Math.min(waitMs, KEY_MISS_BELIEVED_MS + MARGIN_MS));
  return created.key;
}

/** False when there is no such key. */
export async function deleteKey({ cluster, lease }: KeyTools, uid: KeyUid): Promise<boolean> {
  const epoch = await cluster.deleteKey(uid, lease.drop());
  if (epoch === undefined) return false;
  await leasesEnded(cluster, epoch);
  return true;
}

export async function leasesEnded(
  cluster: DurableObjectStub<Cluster>,
  epoch: Epoch,
): Promise<void> {
  for (;;) {
    const waitMs = await cluster.leaseWaitMs(epoch);
    if (waitMs <= 0) return;
    await sleep(Math.min(waitMs, POLL_MS));
  }
}

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
