/**
 * Takes the shard mark out of a whole list of hits at once. Nodes write compact JSON, so a member
 * that is the mark is found by its text: within a string its quotes would be escaped.
 */
import { MARK_FIELD } from "../placement/shard-mark.ts";

const MARK_KEY = `"${MARK_FIELD}"`;
const LEADING = new RegExp(`([{,])${MARK_KEY}:"[«»]*",`, "g");
const TRAILING = new RegExp(`,${MARK_KEY}:"[«»]*"(?=})`, "g");

/** The text without marks; undefined when one is left that is not where nodes write it. */
export function removeMarks(text: string): string | undefined {
  if (!text.includes(MARK_KEY)) return text;
  const removed = text.replace(LEADING, "$1").replace(TRAILING, "");
  return removed.includes(MARK_KEY) ? undefined : removed;
}
