/**
 * POST and PUT `/indexes/{indexUid}/documents`: reads the payload as it comes, keeps what does not
 * fit in memory in the index's log, and commits it as one entry. Until then nothing is visible, and
 * an upload that is cut off is dropped by the log.
 */
import type { EntryTask } from "../../durable-objects/rpc.ts";
import {
  acceptWrite,
  indexNotFound,
  logFull,
  madeAnew,
  targetOf,
  type Target,
  type Upload,
} from "../cluster/index-writer.ts";
import { DocumentFaults } from "../core/documents/document-faults.ts";
import { primaryKeyConflict } from "../core/documents/primary-key.ts";
import type { IndexUid } from "../core/ids.ts";
import type { Operation } from "../core/log/operation.ts";
import { parseAdditionParams } from "../core/query/parse-documents.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import { namedIndex } from "../core/topology/aliases.ts";
import { decodedBody, payloadFormat } from "../ingest/content.ts";
import { ingestDocuments, type IngestResult } from "../ingest/ingest-documents.ts";
import { rowsSplitAnew } from "../ingest/split-documents.ts";
import { UploadBudget } from "../ingest/upload-budget.ts";
import type { LogRow } from "../ingest/row-gatherer.ts";
import type { Call } from "../http/call.ts";
import { summaryResponse } from "../http/summary-response.ts";

/** The uploads of this isolate. */
const uploads = new UploadBudget({
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

export async function acceptDocuments(call: Call, mode: "replace" | "update"): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const params = parseAdditionParams(call.query);
  const { headers, body } = call.request;
  const format = payloadFormat(headers.get("Content-Type"), params.csvDelimiter ?? undefined);
  const target = await targetOf(call.writes, uid, false);
  const own = target === undefined ? undefined : await primaryKeyOf(call, uid, target);
  const asked = params.primaryKey ?? undefined;
  // No alias brings an index into being.
  const mayCreate = call.access.mayCreate(uid) && !(await call.topology()).aliases.has(uid);
  const splitFor = target?.shardCount ?? call.config.shardCount;
  const payload = new PayloadUpload({ call, uid, mayCreate, splitFor, target });
  // Which documents there are, and so which are wrong, only nodes know then.
  const faults = params.skipCreation ? undefined : new DocumentFaults(mode);
  const isConflict = own !== undefined && asked !== undefined && asked !== own;
  const decoded = decodedBody(body, headers.get("Content-Encoding"));
  const result = await uploads.reading(decoded, sentBytes(headers), async (watched) => {
    return await ingestDocuments({
      body: watched,
      indexUid: uid,
      format,
      csvDelimiter: params.csvDelimiter ?? undefined,
      primaryKey: own ?? asked,
      shardCount: splitFor,
      sink: payload,
      faults,
      refusal: isConflict ? primaryKeyConflict(own) : undefined,
    });
  });
  const task = taskOf(uid, result, params.customMetadata);
  // Its rows were dropped as they came, so it fails even if the index has come into being meanwhile.
  const isRefused = target === undefined && !mayCreate;
  const failure = isRefused ? indexNotFound(uid) : result.kind === "rejected" ? result.error : null;
  const accepted = await acceptWrite(call.writes, {
    uid,
    operation: isRefused ? { kind: "pass" } : operationOf(result, mode, params.skipCreation),
    task,
    rows: async (shardCount) => (isRefused ? [] : await lastRowsFor(shardCount, result, splitFor)),
    failure,
    conditional: faults?.conditional() ?? null,
    createsIndex: mayCreate,
    upload: result.kind === "accepted" ? payload.upload : undefined,
  });
  return summaryResponse(task, accepted);
}

/** How much of the payload there is, where that is known before it is read. */
function sentBytes(headers: Headers): number | undefined {
  const length = headers.get("Content-Length");
  return length === null || headers.has("Content-Encoding") ? undefined : Number(length);
}

/** The key as of the last accepted write: a snapshot may not have it yet. */
async function primaryKeyOf(
  call: Call,
  uid: IndexUid,
  target: Target,
): Promise<string | undefined> {
  const known = namedIndex(await call.topology(), uid);
  if (known?.physical === target.physical && known.primaryKey !== undefined) {
    return known.primaryKey;
  }
  return (await call.env.INDEX_LOG.getByName(target.physical).head()).primaryKey;
}

/** What is left to send, for the index that it goes to: another one may be there by now. */
async function lastRowsFor(
  shardCount: number,
  result: IngestResult,
  splitFor: number,
): Promise<readonly LogRow[]> {
  if (result.kind === "rejected" || result.primaryKey === undefined) return [];
  const { lastRows, primaryKey } = result;
  return shardCount === splitFor ? lastRows : await rowsSplitAnew(lastRows, primaryKey, shardCount);
}

function operationOf(
  result: IngestResult,
  mode: "replace" | "update",
  skipCreation: boolean,
): Operation {
  if (result.kind === "rejected" || result.primaryKey === undefined) return { kind: "pass" };
  return { kind: "writeDocuments", mode, skipCreation, primaryKey: result.primaryKey };
}

function taskOf(uid: IndexUid, result: IngestResult, customMetadata: string | null): EntryTask {
  const { receivedDocuments } = result;
  return {
    indexUid: uid,
    type: "documentAdditionOrUpdate",
    details: JSON.stringify({ receivedDocuments, indexedDocuments: null }),
    indexedDocuments: result.kind === "accepted" ? (result.distinctIds ?? receivedDocuments) : null,
    customMetadata,
  };
}

interface UploadTarget {
  readonly call: Call;
  readonly uid: IndexUid;
  readonly mayCreate: boolean;
  /** The number of shards that rows come split for. */
  readonly splitFor: number;
  /** The index, where there is one when the payload begins to come. */
  readonly target: Target | undefined;
}

/** Rows that do not wait for the commit; the index comes into being when the first ones arrive. */
class PayloadUpload {
  readonly #to: UploadTarget;
  #upload: Upload | undefined;

  constructor(to: UploadTarget) {
    this.#to = to;
  }

  get upload(): Upload | undefined {
    return this.#upload;
  }

  async rows(rows: readonly LogRow[]): Promise<void> {
    const { call, mayCreate } = this.#to;
    if (this.#to.target === undefined && !mayCreate) return;
    const upload = this.#upload ?? {
      ...(await this.#open()),
      token: crypto.randomUUID(),
      rowCount: 0,
    };
    const log = call.env.INDEX_LOG.getByName(upload.physical);
    if (!(await log.upload(upload.token, rows))) throw logFull(5);
    this.#upload = { ...upload, rowCount: upload.rowCount + rows.length };
  }

  async #open(): Promise<Target> {
    const { call, uid, target, splitFor } = this.#to;
    const found = target ?? (await targetOf(call.writes, uid, true));
    if (found === undefined) throw new Error("a created index takes writes");
    // Made and resharded since the payload began to come.
    if (found.shardCount !== splitFor) throw madeAnew();
    return found;
  }
}
