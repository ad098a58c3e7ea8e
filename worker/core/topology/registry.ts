/**
 * The index registry: which physical index a client's uid means, for readers and for writers.
 * They differ while an index is being created, deleted, swapped or renamed: writers follow what was
 * accepted, readers what every in-sync replica has applied. So an index has two names, `uid` for
 * writers and `readUid` for readers; a swap exchanges the first at once and the second when all that
 * was written before is applied.
 *
 * | phase    | found by writers | found by readers                      |
 * | -------- | ---------------- | ------------------------------------- |
 * | building | no               | no: it is to take another one's place |
 * | creating | yes              | no                                    |
 * | serving  | yes              | yes                                   |
 * | ending   | no               | until a newer index of the uid serves |
 */
import type { IndexUid, PhysicalUid } from "../ids.ts";

export type IndexPhase = "building" | "creating" | "serving" | "ending";

export interface Registered {
  readonly uid: IndexUid;
  readonly readUid: IndexUid;
  readonly physical: PhysicalUid;
  readonly phase: IndexPhase;
}

/** The index that a write to `uid` goes to now. */
export function writable<R extends Registered>(indexes: Iterable<R>, uid: IndexUid): R | undefined {
  for (const index of indexes) {
    const isOpen = index.phase === "creating" || index.phase === "serving";
    if (index.uid === uid && isOpen) return index;
  }
  return undefined;
}

/** The indexes that readers see, at most one per uid. */
export function visible<R extends Registered>(indexes: Iterable<R>): readonly R[] {
  const byUid = new Map<IndexUid, R>();
  for (const index of indexes) {
    if (index.phase === "creating" || index.phase === "building") continue;
    if (index.phase === "serving" || !byUid.has(index.readUid)) byUid.set(index.readUid, index);
  }
  return [...byUid.values()];
}
