/**
 * POST `/indexes/{indexUid}/documents/edit`: a function of the client's over its documents. The
 * function is compiled by a node before the write is accepted, because Meilisearch answers a wrong
 * one at once.
 */
import { acceptWrite } from "../cluster/index-writer.ts";
import { wrappedFunction } from "../core/documents/edit-function.ts";
import { editBody } from "../core/delivery/steps.ts";
import { ApiError } from "../core/errors/api-error.ts";
import { scrubRefusal } from "../core/errors/scrub.ts";
import { NODE_CALL_DEADLINE_MS } from "../core/limits.ts";
import { MARK_FIELD } from "../core/placement/shard-mark.ts";
import { featureError } from "../core/query/features.ts";
import { parseDeletionParams } from "../core/query/parse-documents.ts";
import { checkEdit, parseEdit } from "../core/query/parse-edit.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import { namedIndex } from "../core/topology/aliases.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Call } from "../http/call.ts";
import { summaryResponse } from "../http/summary-response.ts";

export async function editDocuments(call: Call): Promise<Response> {
  const features = await call.features();
  const { customMetadata } = parseDeletionParams(call.query);
  const sent = parseEdit(await call.jsonText());
  if (!features.editDocumentsByFunction) {
    throw featureError("editDocumentsByFunction", "Using the documents edit route");
  }
  const uid = checkIndexUid(call.uid);
  const wrapped = wrappedFunction(sent.function);
  const index = namedIndex(await call.topology(), uid);
  if (index !== undefined) await compile(call, index, sent.function);
  const edit = checkEdit(sent, uid, features);
  const counters = `"editedDocuments":null,"deletedDocuments":null`;
  const originalFilter = edit.filter === null ? "null" : JSON.stringify(edit.filter);
  const task = {
    indexUid: uid,
    type: "documentEdition",
    details: `{${counters},"originalFilter":${originalFilter},"context":${edit.context ?? "null"},"function":${JSON.stringify(edit.function)}}`,
    indexedDocuments: null,
    customMetadata,
  } as const;
  const accepted = await acceptWrite(call.writes, {
    uid,
    operation: { kind: "editDocuments", ...edit, function: wrapped, beforeImages: "unread" },
    task,
    rows: () => [],
    failure: null,
    createsIndex: false,
    upload: undefined,
  });
  return summaryResponse(task, accepted);
}

/** Asks one node of the index to compile the client's own function: an edit of no document. */
async function compile(call: Call, index: IndexEntry, code: string): Promise<void> {
  const { nodes, topology } = await call.read();
  const holders = new Set(index.shardMap.flat());
  const node = topology.nodes.find(({ id, health }) => holders.has(id) && health === "healthy");
  if (node === undefined) return;
  const reply = await nodes.send(node, {
    method: "POST",
    path: `/indexes/${index.physical}/documents/edit`,
    body: editBody({
      function: code,
      filter: JSON.stringify(`${MARK_FIELD} = none`),
      context: null,
    }),
    timeoutMs: NODE_CALL_DEADLINE_MS,
  });
  if (reply.kind !== "refused") return;
  if (reply.status === 404 || reply.status === 405) {
    throw new ApiError("miroir_not_supported", "Embedded nodes cannot run edit functions.");
  }
  throw new ApiError("bad_request", scrubRefusal(reply, index).message);
}
