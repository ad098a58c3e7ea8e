/**
 * The document id within the text of a document or hit: what tells two of them apart, whatever else
 * was asked to be in it.
 */
import { documentId, type DocumentId } from "../ids.ts";
import { members, stringAt, type Member } from "../json/text-scanner.ts";

/** The id among the members of a document, in canonical form; undefined when it is not there. */
export function hitId(
  text: string,
  all: readonly Member[],
  primaryKey: string,
): DocumentId | undefined {
  for (const { key, valueStart, valueEnd } of all) {
    if (key === primaryKey) {
      const isString = text[valueStart] === '"';
      return documentId(
        isString ? stringAt(text, valueStart, valueEnd) : text.slice(valueStart, valueEnd),
      );
    }
    // As Meilisearch does: `a.id` is the literal key or the member `id` of `a`, never in an array.
    if (primaryKey.startsWith(`${key}.`) && text[valueStart] === "{") {
      const within = members(text, valueStart);
      const id = hitId(text, within, primaryKey.slice(key.length + 1));
      if (id !== undefined) return id;
    }
  }
  return undefined;
}
