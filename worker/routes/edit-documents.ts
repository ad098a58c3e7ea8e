/**
 * POST `/indexes/{indexUid}/documents/edit`: a function of the client's over its documents. The
 * function is compiled by a node before the write is accepted, because Meilisearch answers a wrong
 * one at once.
 */
import { acceptWrite } from "../cluster/index-writer.ts";
import { clientPosition, wrappedFunction } from "../core/documents/edit-function.ts";
import { editBody } from "../core/delivery/steps.ts";
import { ApiError } from "../core/errors/api-error.ts";
import { scrubRefusal } from "../core/errors/scrub.ts";
import { NODE_CALL_DEADLINE_MS } from "../core/limits.ts";
import { MARK_FIELD } from "../core/placement/shard-mark.ts";
import { featureError } from "../core/query/features.ts";
import { parseEdit, type EditRequest } from "../core/query/parse-edit.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import { namedIndex } from "../core/topology/aliases.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Call } from "../http/call.ts";
import { summaryResponse } from "../http/summary-response.ts";

export async function editDocuments(call: Call): Promise<Response> {
  const features = await call.features();
  const edit = parseEdit(await call.jsonText(), call.uid, features);
  if (!features.editDocumentsByFunction) {
    throw featureError("editDocumentsByFunction", "Using the documents edit route");
  }
  const uid = checkIndexUid(call.uid);
  const wrapped = { ...edit, function: wrappedFunction(edit.function) };
  const index = namedIndex(await call.topology(), uid);
  if (index !== undefined) await compile(call, index, wrapped);
  const counters = `"deletedDocuments":null,"editedDocuments":null`;
  const originalFilter = edit.filter === null ? "null" : JSON.stringify(edit.filter);
  const task = {
    indexUid: uid,
    type: "documentEdition",
    details: `{${counters},"originalFilter":${originalFilter},"context":${edit.context ?? "null"},"function":${JSON.stringify(edit.function)}}`,
    indexedDocuments: null,
    customMetadata: null,
  } as const;
  const accepted = await acceptWrite(call.writes, {
    uid,
    operation: { kind: "editDocuments", ...wrapped, beforeImages: "unread" },
    task,
    rows: () => [],
    failure: null,
    createsIndex: false,
    upload: undefined,
  });
  return summaryResponse(task, accepted);
}

/** Asks one node of the index to compile the function: an edit of no document. */
async function compile(call: Call, index: IndexEntry, edit: EditRequest): Promise<void> {
  const { nodes, topology } = await call.read();
  const holders = new Set(index.shardMap.flat());
  const node = topology.nodes.find(({ id, health }) => holders.has(id) && health === "healthy");
  if (node === undefined) return;
  const reply = await nodes.send(node, {
    method: "POST",
    path: `/indexes/${index.physical}/documents/edit`,
    body: editBody({ ...edit, filter: JSON.stringify(`${MARK_FIELD} = none`) }),
    timeoutMs: NODE_CALL_DEADLINE_MS,
  });
  if (reply.kind !== "refused") return;
  if (reply.status === 404 || reply.status === 405) {
    throw new ApiError("miroir_not_supported", "Embedded nodes cannot run edit functions.");
  }
  const refusal = scrubRefusal(reply, index);
  throw new ApiError("bad_request", clientPosition(refusal.message));
}
