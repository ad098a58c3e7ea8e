/**
 * A client's edit function (Rhai) as nodes run it: the shard mark is taken out of the document
 * before it and put back behind it, so that the function sees the client's document, and one that
 * builds a new document does not lose its shard.
 */
import { ApiError } from "../errors/api-error.ts";
import { MARK_FIELD } from "../placement/shard-mark.ts";

/** On the function's own first line, so that lines in messages stay the client's. */
const BEFORE = `let miroir_mark = doc.${MARK_FIELD}; doc.remove("${MARK_FIELD}"); `;
const BEHIND = `\n; if type_of(doc) == "map" { doc.${MARK_FIELD} = miroir_mark; }`;

/** What would end the function before the mark is back. */
const ENDS_EARLY = /\b(?:return|exit)\b/;

/** The function for nodes; throws when it could lose the mark. */
export function wrappedFunction(client: string): string {
  if (ENDS_EARLY.test(client)) {
    throw new ApiError(
      "miroir_not_supported",
      "Over shards an edit function must run to its end: it may not contain `return` or `exit`.",
    );
  }
  if (client.includes(MARK_FIELD)) {
    throw new ApiError("miroir_reserved_field", `The field \`${MARK_FIELD}\` is reserved.`);
  }
  return `${BEFORE}${client}${BEHIND}`;
}

/** A node's message about the wrapped function, with positions in the client's. */
export function clientPosition(message: string): string {
  return message.replace(/\(line 1, position (\d+)\)/g, (_, position: string) => {
    const own = Math.max(1, Number(position) - BEFORE.length);
    return `(line 1, position ${own})`;
  });
}
