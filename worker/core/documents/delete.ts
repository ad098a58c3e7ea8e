/**
 * The ids of a delete-batch. As Meilisearch does: strings count as they are, anything else by its
 * JSON text; an id that no document can have is counted, and deletes nothing.
 */
import { ApiError } from "../errors/api-error.ts";
import { documentId, type DocumentId, type ShardId } from "../ids.ts";
import { shardOf } from "../placement/hash.ts";
import { invalidType } from "./element-fault.ts";
import { JsonFault, TextPosition } from "./json-fault.ts";
import { decodeJsonString } from "./json-string.ts";
import { checkStrictly, compactJson } from "./serde-value.ts";
import { ValueScanner } from "./value-scanner.ts";

export interface DeletedIds {
  /** What the task reports as `providedIds`: repeated and impossible ids included. */
  readonly providedIds: number;
  /** Distinct ids that a document can have, in their order, by shard. */
  readonly byShard: ReadonlyMap<ShardId, readonly DocumentId[]>;
}

const VALID_ID = /^[A-Za-z0-9_-]{1,511}$/;

/** Group ids, as texts, by the shard that holds them. */
export function deletedIds(ids: readonly string[], shardCount: number): DeletedIds {
  const byShard = new Map<ShardId, DocumentId[]>();
  for (const text of new Set(ids)) {
    if (!VALID_ID.test(text)) continue;
    const id = documentId(text);
    const shard = shardOf(id, shardCount);
    const group = byShard.get(shard);
    if (group === undefined) byShard.set(shard, [id]);
    else group.push(id);
  }
  return { providedIds: ids.length, byShard };
}

/** The ids in the body of a delete-batch, as texts; throws the `ApiError` for any other body. */
export function readDeleteBatch(body: Uint8Array): readonly string[] {
  const start = body.findIndex((byte) => !WHITESPACE.has(byte));
  if (body.length === 0) throw new ApiError("missing_payload", "A json payload is missing.");
  try {
    if (start === -1 || body[start] === OPEN_LIST) {
      checkStrictly(body);
      return elements(body, start + 1);
    }
    // Throws for what is not even a value; of a list or an object only the first byte matters.
    if (body[start] !== OPEN_OBJECT) checkStrictly(body.subarray(0, valueEnd(body, start)));
    throw new ApiError(
      "bad_request",
      `Json deserialize error: ${invalidType(body.subarray(start), "a sequence")}`,
    );
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const reason = new TextPosition().describe(error.reason, body, error.index);
    throw new ApiError(
      "malformed_payload",
      `The json payload provided is malformed. \`${reason}\`.`,
    );
  }
}

const WHITESPACE: ReadonlySet<number> = new Set([0x20, 0x0a, 0x0d, 0x09]);
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_LIST = 0x5d;
const QUOTE = 0x22;

function valueEnd(bytes: Uint8Array, start: number): number {
  const scanner = new ValueScanner();
  scanner.start();
  return scanner.scan(bytes, start, bytes.length);
}

/** Of a list that is known to be well formed. */
function elements(body: Uint8Array, from: number): string[] {
  const ids: string[] = [];
  let at = from;
  for (;;) {
    const byte = body[at];
    if (byte === undefined || byte === CLOSE_LIST) return ids;
    if (byte === 0x2c || WHITESPACE.has(byte)) {
      at += 1;
      continue;
    }
    const end = valueEnd(body, at);
    ids.push(idText(body.subarray(at, end)));
    at = end;
  }
}

function idText(raw: Uint8Array): string {
  return raw[0] === QUOTE ? decodeJsonString(raw.subarray(1, -1)) : compactJson(raw);
}
