/**
 * As Meilisearch does: a JSON payload is rewritten before it is stored, so of several equal
 * top-level keys only the last one counts; NDJSON is stored as sent, and there a repeated primary
 * key is an error. Nodes get NDJSON from us, so the shadowed members of a JSON document must go.
 */
import {
  documentSlice,
  joinBytes,
  MEMBER_STRIDE,
  memberCount,
  memberKey,
  type RawDocument,
} from "./raw-document.ts";

const encoder = new TextEncoder();

/** The document without the members that a later one of the same key hides; itself if there are none. */
export function withoutShadowed(document: RawDocument): RawDocument {
  const last = new Map<string, number>();
  for (let member = 0; member < memberCount(document); member += 1) {
    last.set(memberKey(document, member), member);
  }
  if (last.size === memberCount(document)) return document;
  const parts: Uint8Array[] = [];
  const members: number[] = [];
  let length = 0;
  const push = (part: Uint8Array): number => {
    parts.push(part);
    length += part.length;
    return length;
  };
  for (const member of last.values()) {
    push(encoder.encode(members.length === 0 ? "{" : ","));
    const [keyStart = 0, keyEnd = 0, valueStart = 0, valueEnd = 0] = document.members.slice(
      member * MEMBER_STRIDE,
      (member + 1) * MEMBER_STRIDE,
    );
    const start = length;
    const end = push(documentSlice(document, keyStart, keyEnd));
    const colon = push(encoder.encode(":"));
    members.push(start, end, colon, push(documentSlice(document, valueStart, valueEnd)));
  }
  push(encoder.encode("}"));
  return {
    pieces: [joinBytes(parts)],
    byteLength: length,
    members,
    hasEscapedKey: document.hasEscapedKey,
    needsStrictCheck: document.needsStrictCheck,
  };
}
