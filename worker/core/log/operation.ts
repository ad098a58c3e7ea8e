/**
 * What one entry of the write log does to its physical index. Every replica applies the same
 * operations in the same order. Document bytes and ids are not in the operation but in payload
 * rows beside it, by shard, because they can be 100 MB.
 */
export type Operation =
  | { readonly kind: "createIndex"; readonly primaryKey: string | null }
  /** The first documents, or the client, named the primary key of an index that had none. */
  | { readonly kind: "setPrimaryKey"; readonly primaryKey: string }
  | {
      readonly kind: "writeDocuments";
      readonly mode: "replace" | "update";
      readonly skipCreation: boolean;
      readonly primaryKey: string;
      /** Only where an embedder wants vectors from documents, and some bring none. */
      readonly vectorless?: Vectorless | undefined;
    }
  | { readonly kind: "deleteDocuments" }
  /** `filter` is the client's filter as JSON text. */
  | { readonly kind: "deleteByFilter"; readonly filter: string }
  | { readonly kind: "deleteAllDocuments" }
  /** `function` as nodes run it (`edit-function.ts`); `filter` and `context` are JSON texts. */
  | {
      readonly kind: "editDocuments";
      readonly function: string;
      readonly filter: string | null;
      readonly context: string | null;
      readonly beforeImages: BeforeImages;
    }
  /** An edit that failed on some node, undone: its documents as they were before, as payload. */
  | { readonly kind: "restoreDocuments"; readonly primaryKey: string }
  /** The client's patch as JSON text; what it does to the settings is folded in log order. */
  | { readonly kind: "changeSettings"; readonly patch: string }
  /**
   * A change of settings that some node refused, undone: all settings anew, as they were before it.
   * `embedders` are those that the change spoke of: nodes would keep what they are not told of.
   */
  | { readonly kind: "restoreSettings"; readonly embedders: readonly string[] }
  | { readonly kind: "deleteIndex" }
  /** Gives disk space back on every node; documents and settings stay as they are. */
  | { readonly kind: "compactIndex" }
  /** The index is built anew with so many shards; what is behind it moves over (`core/reshard`). */
  | { readonly kind: "reshard"; readonly shardCount: number }
  /** Changes nothing on nodes, but has its place in the order: an empty or a rejected payload. */
  | { readonly kind: "pass" };

export type OperationKind = Operation["kind"];

/**
 * The documents that an edit is about, as they are before it. `unread`: no node has got the edit.
 * `kept`: as payload of the entry, until it is over. `too-many`: the edit cannot be undone.
 */
export type BeforeImages = "unread" | "kept" | "too-many";

/**
 * Documents without vectors that one Meilisearch fails a whole payload for, unless they are stored
 * already: `unasked` while nobody has looked, and no node has got the payload.
 */
export type Vectorless = "unasked" | "stored";

/**
 * Operations after which a node waits until the whole entry has finished: what they change (keys,
 * settings) decides how the next entry is delivered, and they may fail on nodes.
 */
export const STRUCTURAL: readonly OperationKind[] = [
  "createIndex",
  "setPrimaryKey",
  "changeSettings",
  "restoreSettings",
  "deleteIndex",
];

/** Fences in the log as those are; but readers need not be told before they are over. */
const FENCES: readonly OperationKind[] = ["reshard", "editDocuments", "restoreDocuments"];

export function isStructural(kind: OperationKind): boolean {
  return STRUCTURAL.includes(kind) || FENCES.includes(kind);
}

/** Operations that carry payload rows. */
export function hasPayload(kind: OperationKind): boolean {
  return kind === "writeDocuments" || kind === "deleteDocuments" || kind === "restoreDocuments";
}

/** The primary key that an operation names, if it does. */
export function primaryKeyOf(operation: Operation): string | undefined {
  switch (operation.kind) {
    case "createIndex":
    case "setPrimaryKey":
    case "writeDocuments":
      return operation.primaryKey ?? undefined;
    case "deleteDocuments":
    case "deleteByFilter":
    case "deleteAllDocuments":
    case "changeSettings":
    case "restoreSettings":
    case "restoreDocuments":
    case "deleteIndex":
    case "compactIndex":
    case "editDocuments":
    case "reshard":
    case "pass":
      return undefined;
  }
}
