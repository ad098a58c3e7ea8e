/** Writes as the Worker's routes make them, each under a name that its task carries. */
import type { Write } from "../../worker/cluster/index-writer.ts";
import { wrappedFunction } from "../../worker/core/documents/edit-function.ts";
import { documentId, indexUid } from "../../worker/core/ids.ts";
import type { Operation } from "../../worker/core/log/operation.ts";
import { shardOf } from "../../worker/core/placement/hash.ts";
import { shardMark } from "../../worker/core/placement/shard-mark.ts";
import type { PayloadRow } from "../../durable-objects/rpc.ts";

export type Document = Readonly<Record<string, unknown>>;

const encoder = new TextEncoder();

/** A write without a payload. */
function write(
  uid: string,
  name: string,
  type: Write["task"]["type"],
  operation: Operation,
  createsIndex = false,
): Write {
  return {
    uid: indexUid(uid),
    operation,
    task: {
      indexUid: indexUid(uid),
      type,
      details: null,
      indexedDocuments: null,
      customMetadata: name,
    },
    rows: () => [],
    failure: null,
    createsIndex,
    upload: undefined,
  };
}

export function addition(
  uid: string,
  name: string,
  documents: readonly Document[],
  mode: "replace" | "update" = "replace",
  skipCreation = false,
): Write {
  const operation = { kind: "writeDocuments", mode, skipCreation, primaryKey: "id" } as const;
  return {
    ...write(uid, name, "documentAdditionOrUpdate", operation, true),
    rows: (shardCount) => documentRows(documents, shardCount),
  };
}

export function deletion(uid: string, name: string, ids: readonly string[]): Write {
  return {
    ...write(uid, name, "documentDeletion", { kind: "deleteDocuments" }),
    rows: (shardCount) =>
      byShard(ids, (id) => id, shardCount).map(([shard, own]) => ({
        shard,
        bytes: encoder.encode(own.map((id) => JSON.stringify(id)).join(",")),
      })),
  };
}

export function deletionByFilter(uid: string, name: string, filter: string): Write {
  const operation = { kind: "deleteByFilter", filter: JSON.stringify(filter) } as const;
  return write(uid, name, "documentDeletion", operation);
}

export function deletionOfAll(uid: string, name: string): Write {
  return write(uid, name, "documentDeletion", { kind: "deleteAllDocuments" });
}

/**
 * Adds to the `n` of every document that the filter finds; `picky`, it fails at documents whose `n`
 * is a multiple of that.
 */
export function edition(
  uid: string,
  name: string,
  step: number,
  filter: string | null,
  picky?: number,
): Write {
  const check = picky === undefined ? "" : `if doc.n % ${picky} == 0 { throw "no" } `;
  return write(uid, name, "documentEdition", {
    kind: "editDocuments",
    function: wrappedFunction(`${check}doc.n = doc.n + ${step}`),
    filter: filter === null ? null : JSON.stringify(filter),
    context: null,
    beforeImages: "unread",
  });
}

export function settings(
  uid: string,
  name: string,
  filterableAttributes: readonly string[],
): Write {
  const patch = JSON.stringify({ filterableAttributes });
  return write(uid, name, "settingsUpdate", { kind: "changeSettings", patch }, true);
}

export function creation(uid: string, name: string, primaryKey: string | null): Write {
  return write(uid, name, "indexCreation", { kind: "createIndex", primaryKey }, true);
}

export function removal(uid: string, name: string): Write {
  return write(uid, name, "indexDeletion", { kind: "deleteIndex" });
}

/** Documents as payload rows, marked. */
export function documentRows(
  documents: readonly Document[],
  shardCount: number,
): readonly PayloadRow[] {
  return byShard(documents, ({ id }) => String(id), shardCount).map(([shard, own]) => {
    const mark = `,"_miroir_shard":"${shardMark(shard)}"}\n`;
    const text = own.map((one) => `${JSON.stringify(one).slice(0, -1)}${mark}`).join("");
    return { shard, bytes: encoder.encode(text) };
  });
}

function byShard<T>(list: readonly T[], idOf: (one: T) => string, shardCount: number) {
  return [...Map.groupBy(list, (one) => shardOf(documentId(idOf(one)), shardCount))];
}
