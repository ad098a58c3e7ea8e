/**
 * Judges one read: every document must be as it was at some moment between the last write that was
 * over when the read began and the last one accepted before it ended, or as an edit made it that is
 * undone then. So nothing finished is
 * invisible, nothing that was there all the time is missing, and nothing comes twice.
 */
import { documentId } from "../../../worker/core/ids.ts";
import { shardOf } from "../../../worker/core/placement/hash.ts";
import type { ReadResult } from "../isolate.ts";
import { canonical, type Held } from "../model/fold.ts";
import type { LogRecord } from "../model/log-record.ts";

export interface Wanted {
  readonly filter?: string;
  readonly id?: string;
}

export interface Span {
  readonly record: LogRecord;
  /** Positions in the log. */
  readonly first: number;
  readonly last: number;
}

type FoundResult = Extract<ReadResult, { kind: "found" }>;

/** What is wrong with the answer, were it about this index. */
export function faultOfRead(
  { documents, missing }: FoundResult,
  wanted: Wanted,
  { record, first, last }: Span,
): string | undefined {
  const seen = new Map<string, string>();
  for (const document of documents) {
    const id = String(document["id"]);
    if (seen.has(id)) return `document ${id} comes twice`;
    seen.set(id, canonical(document));
  }
  const states = Array.from({ length: last - first + 1 }, (_, at) => {
    const held = record.state(first + at).documents;
    return [held, at === 0 ? held : (record.notUndoneYet(first + at) ?? held)];
  }).flat();
  const ids = new Set(seen.keys());
  for (const held of states) for (const id of held.keys()) ids.add(id);
  const shards = record.shardMap?.length ?? 1;
  for (const id of ids) {
    if (wanted.id !== undefined && wanted.id !== id) {
      if (seen.has(id)) return `document ${id} was not asked for`;
      continue;
    }
    if (missing.includes(shardOf(documentId(id), shards))) continue;
    const possible = states.map((held) => shown(held.get(id), wanted));
    const found = seen.get(id);
    if (possible.includes(found)) continue;
    return `document ${id} of ${record.physical} is ${found ?? "missing"}, after ${first}..${last} it is ${[...new Set(possible)].map((text) => text ?? "missing").join(" or ")}`;
  }
  return undefined;
}

function shown(held: Held | undefined, { filter }: Wanted): string | undefined {
  if (held === undefined) return undefined;
  if (filter !== undefined && `tag = ${String(held.fields["tag"])}` !== filter) return undefined;
  return held.text;
}
