/**
 * Documents in: one pass over a payload of any size, holding at most one document and one chunk of
 * log rows. Decides what one Meilisearch decides for the whole payload, before anything is
 * committed: errors that answer the request are thrown, errors that fail the task are returned,
 * after the rest of the payload was read and checked as well, since a broken rest answers 400.
 */
import { findDocumentId } from "../core/documents/document-id.ts";
import { DistinctIds } from "../core/documents/distinct-ids.ts";
import type { DocumentFaults } from "../core/documents/document-faults.ts";
import { documentStream } from "../core/documents/document-stream.ts";
import { missingPayload, type PayloadFormat } from "../core/documents/malformed-payload.ts";
import { inferPrimaryKey, primaryKey, type PrimaryKey } from "../core/documents/primary-key.ts";
import { keyIs, keyName, memberCount, type RawDocument } from "../core/documents/raw-document.ts";
import { withoutShadowed } from "../core/documents/shadowed-members.ts";
import { unbuildableValue } from "../core/documents/unbuildable-value.ts";
import { ApiError, errorBody, type ErrorBody } from "../core/errors/api-error.ts";
import type { ShardId } from "../core/ids.ts";
import { PAYLOAD_BYTES_MAX } from "../core/limits.ts";
import { shardOfBytes } from "../core/placement/hash.ts";
import { MARK_FIELD } from "../core/placement/shard-mark.ts";
import { RowGatherer, type LogRow } from "./row-gatherer.ts";

export interface DocumentSink {
  /** Take rows on, in order. What was taken counts only if the whole payload is accepted. */
  rows(rows: readonly LogRow[]): Promise<void>;
}

export interface IngestInput {
  /** Decoded already (`decodedBody`). */
  readonly body: AsyncIterable<Uint8Array> | null;
  readonly format: PayloadFormat;
  readonly csvDelimiter?: string | undefined;
  /** The client's name of the index, for error texts. */
  readonly indexUid: string;
  /** The index's own key, or else the one that the request names. */
  readonly primaryKey: string | undefined;
  readonly shardCount: number;
  readonly sink: DocumentSink;
  /** Gathers what fails the task when its turn comes. */
  readonly faults?: DocumentFaults | undefined;
  /** Fails the task whatever the documents are, e.g. `primaryKeyConflict`; they are still read. */
  readonly refusal?: ErrorBody | undefined;
}

export type IngestResult =
  | {
      readonly kind: "accepted";
      /** Undefined only when there was none to infer from: a payload without documents. */
      readonly primaryKey: string | undefined;
      readonly inferred: boolean;
      readonly receivedDocuments: number;
      /** Undefined above `DISTINCT_IDS_MAX`. */
      readonly distinctIds: number | undefined;
      readonly shards: ReadonlySet<ShardId>;
      /** The rows that the sink has not seen; all of them for a small payload. */
      readonly lastRows: readonly LogRow[];
    }
  | { readonly kind: "rejected"; readonly error: ErrorBody; readonly receivedDocuments: number };

export async function ingestDocuments(input: IngestInput): Promise<IngestResult> {
  const ingest = new Ingest(input);
  const stream = documentStream(input.format, input.csvDelimiter ?? ",");
  const drain = async (documents: Iterable<RawDocument>): Promise<void> => {
    for (const document of documents) {
      const full = ingest.add(document);
      // Almost no document fills a chunk, so almost none has to wait.
      if (full !== undefined) for (const rows of full) await input.sink.rows(rows);
    }
  };
  let byteLength = 0;
  for await (const chunk of input.body ?? []) {
    byteLength += chunk.length;
    if (byteLength > PAYLOAD_BYTES_MAX) throw payloadTooLarge();
    await drain(stream.push(chunk));
  }
  if (byteLength === 0) throw missingPayload(input.format);
  await drain(stream.end());
  return ingest.result();
}

class Ingest {
  readonly #input: IngestInput;
  readonly #gatherer = new RowGatherer();
  readonly #ids = new DistinctIds();
  #key: PrimaryKey | undefined;
  #refusal: ErrorBody | undefined;
  /** Fails the task too, but as Meilisearch does: only after all ids were found valid. */
  #lateRefusal: ErrorBody | undefined;
  #received = 0;

  constructor(input: IngestInput) {
    this.#input = input;
    this.#refusal = input.refusal;
    this.#key = input.primaryKey === undefined ? undefined : primaryKey(input.primaryKey);
  }

  /** Rows that come back have to be handed on, each before the next is asked for. */
  add(sent: RawDocument): Iterable<readonly LogRow[]> | undefined {
    this.#received += 1;
    refuseReservedField(sent);
    if (this.#refusal !== undefined) return undefined;
    this.#key ??= this.#infer(sent);
    if (this.#key === undefined) return undefined;
    let document = sent;
    let id = findDocumentId(document, this.#key);
    if (!(id instanceof Uint8Array) && this.#input.format === "json") {
      document = withoutShadowed(sent);
      if (document !== sent) id = findDocumentId(document, this.#key);
    }
    if (!(id instanceof Uint8Array)) {
      this.#refuse(id);
      return undefined;
    }
    this.#lateRefusal ??= this.#unbuildable(document);
    this.#input.faults?.add(document, id);
    this.#ids.add(id);
    return this.#gatherer.add(document, shardOfBytes(id, this.#input.shardCount));
  }

  result(): IngestResult {
    const receivedDocuments = this.#received;
    const { faults, indexUid } = this.#input;
    const error = this.#refusal ?? this.#lateRefusal ?? faults?.shape(indexUid);
    if (error !== undefined) return { kind: "rejected", error, receivedDocuments };
    return {
      kind: "accepted",
      primaryKey: this.#key?.name,
      inferred: this.#key !== undefined && this.#input.primaryKey === undefined,
      receivedDocuments,
      distinctIds: this.#ids.count,
      shards: this.#gatherer.touched,
      lastRows: this.#gatherer.take(),
    };
  }

  #unbuildable(document: RawDocument): ErrorBody | undefined {
    const reason = unbuildableValue(document);
    if (reason === undefined) return undefined;
    return errorBody("internal", `Index \`${this.#input.indexUid}\`: internal: ${reason}.`);
  }

  #infer(first: RawDocument): PrimaryKey | undefined {
    const inference = inferPrimaryKey(first);
    if (inference.kind === "inferred") return primaryKey(inference.name);
    this.#refuse(inference.error);
    return undefined;
  }

  #refuse(error: ErrorBody): void {
    this.#refusal = error;
    this.#gatherer.drop();
  }
}

const MARK_KEY = keyName(MARK_FIELD);

function refuseReservedField(document: RawDocument): void {
  for (let member = 0; member < memberCount(document); member += 1) {
    if (!keyIs(document, member, MARK_KEY)) continue;
    throw new ApiError(
      "miroir_reserved_field",
      `The field \`${MARK_FIELD}\` is reserved: documents cannot have it.`,
    );
  }
}

/** As Meilisearch says it; the limit counts decoded bytes. */
export function payloadTooLarge(): ApiError {
  return new ApiError(
    "payload_too_large",
    `The provided payload reached the size limit. The maximum accepted payload size is ${PAYLOAD_BYTES_MAX / 1_000_000} MB.`,
  );
}
