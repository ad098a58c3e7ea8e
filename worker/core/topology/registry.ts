/**
 * The index registry: which physical index a client's uid means, for readers and for writers.
 * They differ while an index is being created, deleted, swapped or renamed: writers follow what was
 * accepted, readers what every in-sync replica has applied. So an index has two names, `uid` for
 * writers and `readUid` for readers; a swap exchanges the first at once and the second when all that
 * was written before is applied.
 *
 * | phase    | found by writers | found by readers                            |
 * | -------- | ---------------- | ------------------------------------------- |
 * | creating | yes              | no                                          |
 * | serving  | yes              | yes                                         |
 * | ending   | no               | until a newer index of the uid serves       |
 * | unserved | no               | no: its deletion was accepted before it was |
 * |          |                  | created; then it is `ending`                |
 */
import type { IndexUid, PhysicalUid } from "../ids.ts";

export type IndexPhase = "creating" | "serving" | "ending" | "unserved";

export interface Registered {
  readonly uid: IndexUid;
  readonly readUid: IndexUid;
  readonly physical: PhysicalUid;
  readonly phase: IndexPhase;
}

function takesWrites(phase: IndexPhase): boolean {
  return phase === "creating" || phase === "serving";
}

/** The phase of an index once its deletion is accepted. */
export function ended(phase: IndexPhase): IndexPhase {
  return phase === "creating" || phase === "unserved" ? "unserved" : "ending";
}

/** The phase of an index once every in-sync replica has created it. */
export function served(phase: IndexPhase): IndexPhase {
  return takesWrites(phase) ? "serving" : "ending";
}

/** The index that a write to `uid` goes to now. */
export function writable<R extends Registered>(indexes: Iterable<R>, uid: IndexUid): R | undefined {
  for (const index of indexes) {
    if (index.uid === uid && takesWrites(index.phase)) return index;
  }
  return undefined;
}

/** The indexes that readers see, at most one per uid. */
export function visible<R extends Registered>(indexes: Iterable<R>): readonly R[] {
  const byUid = new Map<IndexUid, R>();
  for (const index of indexes) {
    if (index.phase === "creating" || index.phase === "unserved") continue;
    const other = byUid.get(index.readUid);
    // Of two that are being deleted the newer one: it served when the older one was forgotten.
    if (index.phase === "serving" || other?.phase !== "serving") byUid.set(index.readUid, index);
  }
  return [...byUid.values()];
}
