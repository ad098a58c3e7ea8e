/** What the registry shows of an index: to readers, and to writers. */
import type { NodeId, PhysicalUid } from "../worker/core/ids.ts";
import type { StoredIndex, WriteTarget } from "./rpc.ts";
import type { RegisteredIndex } from "./storage/registry-store.ts";

/** An index as readers know it. */
export function asRead(registered: RegisteredIndex): StoredIndex {
  const { phase, readUid, builtFor: _, ...index } = registered;
  const takesWrites = phase === "serving" && index.uid === readUid;
  return { ...index, uid: readUid, takesWrites };
}

/** Where writes to it go. */
export function targetOf(index: RegisteredIndex): WriteTarget {
  return { physical: index.physical, shardCount: index.shardMap.length };
}

/** The nodes that hold shards of it. */
export function holdersOf({ physical, shardMap }: RegisteredIndex): {
  readonly physical: PhysicalUid;
  readonly nodes: ReadonlySet<NodeId>;
} {
  return { physical, nodes: new Set(shardMap.flat()) };
}
