/**
 * The index registry: which physical index a client's uid means, for readers and for writers.
 * They differ while an index is being created, deleted, swapped or renamed: writers follow what was
 * accepted, readers what every in-sync replica has applied. So an index has two names, `uid` for
 * writers and `readUid` for readers; a swap exchanges the first at once and the second when all that
 * was written before is applied.
 *
 * | phase      | found by writers | found by readers                            |
 * | ---------- | ---------------- | ------------------------------------------- |
 * | building   | no               | no: it is built to take another one's place |
 * | creating   | yes              | no                                          |
 * | serving    | yes              | yes                                         |
 * | ending     | no               | yes                                         |
 * | unserved   | no               | no: its deletion was accepted before it was |
 * |            |                  | created; then it is `ending`                |
 * | superseded | no               | never again: a newer one of its uid serves  |
 */
import type { IndexUid, PhysicalUid } from "../ids.ts";

export type IndexPhase = "building" | "creating" | "serving" | "ending" | "unserved" | "superseded";

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
  if (phase === "serving") return "ending";
  return phase === "creating" ? "unserved" : phase;
}

/** The phase of an index once every in-sync replica has created it. */
export function served(phase: IndexPhase): IndexPhase {
  if (phase === "creating") return "serving";
  return phase === "unserved" ? "ending" : phase;
}

/**
 * The indexes of the uid that are on their way out when `newest` is found by readers: when that one
 * is gone too, readers must not come back to them. `all` is in the order of creation.
 */
export function superseded<R extends Registered>(all: Iterable<R>, newest: R): readonly R[] {
  const list = [...all];
  const at = list.findIndex(({ physical }) => physical === newest.physical);
  return list
    .slice(0, at)
    .filter(({ phase, readUid }) => readUid === newest.readUid && isGoing(phase));
}

function isGoing(phase: IndexPhase): boolean {
  return phase === "ending" || phase === "unserved";
}

/** Whether its shards are to be where they are placed: it is there, or will be. */
export function isStaying(phase: IndexPhase): boolean {
  return phase === "building" || takesWrites(phase);
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
    if (index.phase === "serving") byUid.set(index.readUid, index);
    else if (index.phase === "ending" && !byUid.has(index.readUid)) byUid.set(index.readUid, index);
  }
  return [...byUid.values()];
}
