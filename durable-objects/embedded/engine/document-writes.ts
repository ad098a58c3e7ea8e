/** Tasks that change documents. All documents of a task are checked before the first is written. */
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { members } from "../../../worker/core/json/text-scanner.ts";
import { checkDocument } from "../index/search-index.ts";
import { documentId, inferPrimaryKey } from "./document-id.ts";
import type { SentDocument } from "./document-payload.ts";
import { type DocumentWrite, type NodeIndex, readDocument } from "./node-index.ts";

export interface Addition {
  readonly documents: readonly SentDocument[];
  /** `update` merges the top-level attributes into the stored document. */
  readonly method: "replace" | "update";
  readonly primaryKey: string | null;
  /** Whether documents that do not exist are passed over. */
  readonly skipCreation: boolean;
}

/** The stored text with the members of `update` in place of its own. */
export function mergedText(stored: string, update: string): string {
  const changes = new Map(
    members(update, 0).map((member) => [member.key, update.slice(member.start, member.valueEnd)]),
  );
  const merged: string[] = [];
  for (const member of members(stored, 0)) {
    merged.push(changes.get(member.key) ?? stored.slice(member.start, member.valueEnd));
    changes.delete(member.key);
  }
  return `{${[...merged, ...changes.values()].join(",")}}`;
}

/** The primary key the addition works with. */
function primaryKeyFor(index: NodeIndex, addition: Addition): string | null {
  const own = index.record.primaryKey;
  const asked = addition.primaryKey;
  if (own !== null && asked !== null && own !== asked) {
    throw new ApiError(
      "index_primary_key_already_exists",
      `Index already has a primary key: \`${own}\`.`,
    );
  }
  const known = own ?? asked;
  if (known !== null) return known;
  const [first] = addition.documents;
  return first === undefined ? null : inferPrimaryKey(first.document);
}

/** What will be stored, by id: a later document of the same id builds on the earlier. */
function plannedWrites(index: NodeIndex, addition: Addition, primaryKey: string): DocumentWrite[] {
  const planned = new Map<string, DocumentWrite>();
  const { schema } = index.search;
  for (const { text, document } of addition.documents) {
    const id = documentId(document, primaryKey);
    const doc = index.docOf(id);
    if (addition.skipCreation && doc === undefined) continue;
    const before =
      addition.method === "replace"
        ? undefined
        : (planned.get(id)?.text ?? (doc === undefined ? undefined : index.text(doc)));
    const after = before === undefined ? text : mergedText(before, text);
    const write = {
      id,
      text: after,
      document: before === undefined ? document : readDocument(after),
    };
    checkDocument(id, write.document, schema);
    planned.set(id, write);
  }
  return [...planned.values()];
}

/** How many different documents the addition named. */
export function addDocuments(index: NodeIndex, addition: Addition): number {
  const primaryKey = primaryKeyFor(index, addition);
  if (primaryKey === null) return 0;
  const writes = plannedWrites(index, addition, primaryKey);
  index.record = { ...index.record, primaryKey };
  for (const write of writes) index.write(write);
  return new Set(addition.documents.map(({ document }) => documentId(document, primaryKey))).size;
}

export function deleteDocuments(index: NodeIndex, ids: readonly string[]): number {
  let deleted = 0;
  for (const id of ids) if (index.delete(id)) deleted += 1;
  return deleted;
}
