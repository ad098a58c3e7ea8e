/**
 * A node's error as the client may see it: the node's own status, code and words, without what only
 * nodes know (the physical uid, the query's place in Miroir's request, the shard mark).
 */
import { MARK_FIELD } from "../placement/shard-mark.ts";
import type { IndexEntry } from "../topology/topology.ts";
import { ApiError, type ErrorBody } from "./api-error.ts";
import type { ErrorType } from "./codes.ts";

/** An error that a node decided. Its code may be one that this version does not know. */
export class NodeError extends ApiError {
  override readonly code: string;
  override readonly type: ErrorType;
  override readonly status: number;
  readonly #link: string;

  constructor(status: number, error: ErrorBody, retryAfterSeconds: number | undefined) {
    super("internal", error.message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
    this.name = "NodeError";
    this.code = error.code;
    this.type = error.type;
    this.status = status;
    this.#link = error.link;
  }

  override body(): ErrorBody {
    return { message: this.message, code: this.code, type: this.type, link: this.#link };
  }
}

export interface Refusal {
  readonly status: number;
  readonly error: ErrorBody;
  readonly retryAfterSeconds: number | undefined;
}

/** The error to throw for a node's refusal. */
export function scrubRefusal(refusal: Refusal, index: IndexEntry): NodeError {
  const message = scrubMessage(refusal.error.message, index);
  // As Meilisearch does: in a multi-search a missing index is 400, in a search of that index 404.
  const status = refusal.error.code === "index_not_found" ? 404 : refusal.status;
  return new NodeError(status, { ...refusal.error, message }, refusal.retryAfterSeconds);
}

/** The prefixes that say where in Miroir's request to the node the mistake is. */
const PLACES = /^Inside `\.(?:queries\[\d+\]|federation\.facetsByIndex\.[^`]*)`: /;

/** The mark among listed attributes, with the comma that parts it from the next or the last. */
const LISTED_MARK = new RegExp(`\`${MARK_FIELD}\`, |, \`${MARK_FIELD}\`|\`${MARK_FIELD}\``, "g");

/** The shard condition where a message quotes the whole filter. */
const QUOTED_CONDITION = new RegExp(` AND "?${MARK_FIELD}"? IN ?\\[[^\\]]*\\]`, "g");

/** A node's message in the client's terms. */
export function scrubMessage(message: string, index: Pick<IndexEntry, "uid" | "physical">): string {
  const scrubbed = message
    .replace(PLACES, "")
    .replace(QUOTED_CONDITION, "")
    .replace(LISTED_MARK, "")
    // The rule of the mark is the nodes' first: the client's rules count from after it.
    .replace(/rule #(\d+)/g, (_, rule: string) => `rule #${Math.max(Number(rule) - 1, 0)}`);
  return index.physical === String(index.uid)
    ? scrubbed
    : scrubbed.replaceAll(`\`${index.physical}\``, `\`${index.uid}\``);
}
