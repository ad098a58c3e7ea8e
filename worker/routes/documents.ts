/** Documents: reading, adding, updating and deleting. */
import type { EntryTask } from "../../durable-objects/rpc.ts";
import { acceptWrite } from "../cluster/index-writer.ts";
import { idRows } from "../core/documents/id-rows.ts";
import { documentId } from "../core/ids.ts";
import type { Operation } from "../core/log/operation.ts";
import {
  parseDeleteByFilter,
  parseDeletedIds,
  parseDeletionParams,
  parseDocumentParams,
  parseDocumentsBody,
  parseDocumentsParams,
} from "../core/query/parse-documents.ts";
import { checkDocuments } from "../core/query/check-documents.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import type { Call } from "../http/call.ts";
import { jsonText, visibleIndex } from "../http/call.ts";
import { readResponse } from "../http/read-response.ts";
import { summaryResponse } from "../http/summary-response.ts";
import { fetchDocuments, getDocument } from "../search/documents.ts";
import type { DocumentsQuery } from "../search/documents-request.ts";
import { acceptDocuments } from "./accept-documents.ts";
import { editDocuments } from "./edit-documents.ts";
import type { Route } from "./route.ts";

const DOCUMENTS = "/indexes/:indexUid/documents";

export const documentRoutes: readonly Route[] = [
  {
    method: "GET",
    path: DOCUMENTS,
    action: "documents.get",
    serve: (call) => page(call, parseDocumentsParams(call.query)),
  },
  {
    method: "POST",
    path: `${DOCUMENTS}/fetch`,
    action: "documents.get",
    serve: async (call) =>
      await page(call, parseDocumentsBody(await call.jsonText(), await call.features())),
  },
  { method: "GET", path: `${DOCUMENTS}/:documentId`, action: "documents.get", serve: one },
  {
    method: "POST",
    path: DOCUMENTS,
    action: "documents.add",
    serve: (call) => acceptDocuments(call, "replace"),
  },
  {
    method: "PUT",
    path: DOCUMENTS,
    action: "documents.add",
    serve: (call) => acceptDocuments(call, "update"),
  },
  { method: "DELETE", path: DOCUMENTS, action: "documents.delete", serve: removeAll },
  {
    method: "POST",
    path: `${DOCUMENTS}/delete-batch`,
    action: "documents.delete",
    serve: async (call) => await removeIds(call, parseDeletedIds(await call.jsonText())),
  },
  {
    method: "POST",
    path: `${DOCUMENTS}/delete`,
    action: "documents.delete",
    serve: removeByFilter,
  },
  { method: "POST", path: `${DOCUMENTS}/edit`, action: "documents.*", serve: editDocuments },
  {
    method: "DELETE",
    path: `${DOCUMENTS}/:documentId`,
    action: "documents.delete",
    serve: (call) => removeIds(call, [call.param("documentId")]),
  },
];

async function page(call: Call, query: DocumentsQuery): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const read = await call.read();
  const index = visibleIndex(read.topology, uid);
  checkDocuments(query, index.settings, await call.features());
  return readResponse(await fetchDocuments(read, index, query));
}

async function one(call: Call): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const options = parseDocumentParams(call.query);
  const read = await call.read();
  const index = visibleIndex(read.topology, uid);
  return jsonText(await getDocument(read, index, documentId(call.param("documentId")), options));
}

async function removeAll(call: Call): Promise<Response> {
  const operation = { kind: "deleteAllDocuments" } as const;
  return await remove(call, operation, { deletedDocuments: null }, []);
}

async function removeByFilter(call: Call): Promise<Response> {
  const filter = parseDeleteByFilter(await call.jsonText(), await call.features());
  const details = { providedIds: 0, deletedDocuments: null, originalFilter: filter };
  return await remove(call, { kind: "deleteByFilter", filter }, details, []);
}

async function removeIds(call: Call, ids: readonly string[]): Promise<Response> {
  const details = { providedIds: ids.length, deletedDocuments: null, originalFilter: null };
  return await remove(call, { kind: "deleteDocuments" }, details, ids);
}

async function remove(
  call: Call,
  operation: Operation,
  details: object,
  ids: readonly string[],
): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const { customMetadata } = parseDeletionParams(call.query);
  const task: EntryTask = {
    indexUid: uid,
    type: "documentDeletion",
    details: JSON.stringify(details),
    indexedDocuments: null,
    customMetadata,
  };
  const accepted = await acceptWrite(call.writes, {
    uid,
    operation,
    task,
    rows: (shardCount) => idRows(ids, shardCount),
    failure: null,
    createsIndex: false,
    upload: undefined,
  });
  return summaryResponse(task, accepted);
}
