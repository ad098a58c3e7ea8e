/**
 * The payload of one group for one node: the rows of the node's shards, in log order. Small ones
 * as one block (so the node sees a Content-Length), big ones row by row, so that a 100 MB entry
 * never stands in memory.
 */
import type { ShardId } from "../../worker/core/ids.ts";
import type { LogStore } from "../storage/log-store.ts";

/** Above this a payload is streamed. */
const WHOLE_BYTES_MAX = 2_000_000;

/** Read from the log at once, for as long as there are rows. */
const AT_ONCE_BYTES = 1_000_000;

export interface PayloadFrame {
  readonly contentType: "application/x-ndjson" | "application/json";
  /** Text before the first row, between rows, and behind the last one. */
  readonly open: string;
  readonly between: string;
  readonly close: string;
}

export const NDJSON: PayloadFrame = {
  contentType: "application/x-ndjson",
  open: "",
  between: "",
  close: "",
};

/** Rows of ids are comma-separated JSON; together they make one array. */
export const JSON_ARRAY: PayloadFrame = {
  contentType: "application/json",
  open: "[",
  between: ",",
  close: "]",
};

const encoder = new TextEncoder();

export function payloadOf(
  store: LogStore,
  tokens: readonly string[],
  shards: ReadonlySet<ShardId>,
  frame: PayloadFrame,
): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined {
  const size = tokens.reduce((sum, token) => sum + store.payloadBytesOf(token, shards), 0);
  if (size === 0) return undefined;
  const blocks = framed(rowsOf(store, tokens, shards), frame);
  if (size > WHOLE_BYTES_MAX) {
    return new ReadableStream({
      pull(controller) {
        const next = blocks.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
    });
  }
  return joined([...blocks]);
}

/** The rows of these shards, in log order. */
export function* rowsOf(
  store: LogStore,
  tokens: readonly string[],
  shards: ReadonlySet<ShardId>,
): Generator<Uint8Array> {
  for (const token of tokens) {
    let after = -1;
    for (;;) {
      const parts = store.nextPayload(token, shards, after, AT_ONCE_BYTES);
      const last = parts.at(-1);
      if (last === undefined) break;
      for (const { bytes } of parts) yield bytes;
      after = last.seq;
    }
  }
}

function* framed(rows: Iterable<Uint8Array>, frame: PayloadFrame): Generator<Uint8Array> {
  let separator = frame.open;
  for (const row of rows) {
    if (separator !== "") yield encoder.encode(separator);
    yield row;
    separator = frame.between;
  }
  if (frame.close !== "") yield encoder.encode(frame.close);
}

function joined(blocks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(blocks.reduce((sum, block) => sum + block.byteLength, 0));
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.byteLength;
  }
  return whole;
}
