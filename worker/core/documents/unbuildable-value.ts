/**
 * Values that Meilisearch takes in and then fails on, with the whole task: half a surrogate pair, a
 * number out of range, nesting too deep. Found before delivery, because a fleet would otherwise
 * write the documents of every other shard.
 */
import { JsonFault, TextPosition } from "./json-fault.ts";
import { memberCount, rawValue, type RawDocument } from "./raw-document.ts";
import { checkStrictly } from "./serde-value.ts";

/** What serde_json says of the first such value, counted from its start; undefined if all are fine. */
export function unbuildableValue(document: RawDocument): string | undefined {
  if (!document.needsStrictCheck) return undefined;
  for (let member = 0; member < memberCount(document); member += 1) {
    const value = rawValue(document, member);
    try {
      checkStrictly(value);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      return new TextPosition().describe(error.reason, value, error.index);
    }
  }
  return undefined;
}
