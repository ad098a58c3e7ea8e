/**
 * A node's error as the client may see it: the node's own status, code and words, without what only
 * nodes know (the physical uid, the query's place in Miroir's request, the shard mark).
 */
import { MARK_FIELD } from "../placement/shard-mark.ts";
import type { IndexSettings } from "../settings/settings.ts";
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
const PLACES = /^(?:Inside `\.(?:queries\[\d+\]|federation\.facetsByIndex\.[^`]*)`: )+/;

/** A node's message in the client's terms. */
export function scrubMessage(
  message: string,
  index: Pick<IndexEntry, "uid" | "physical" | "settings">,
): string {
  const scrubbed = message
    .replace(PLACES, "")
    .replace(QUOTED_FILTER, quotedFilter)
    .replace(LISTED, (_, kind: string, rest: string, list: string) =>
      listed(kind, rest, list, index.settings),
    )
    // The rule of the mark is the nodes' first: the client's rules count from after it.
    .replace(/rule #(\d+)/g, (_, rule: string) => `rule #${Math.max(Number(rule) - 1, 0)}`);
  return index.physical === String(index.uid)
    ? scrubbed
    : scrubbed.replaceAll(`\`${index.physical}\``, `\`${index.uid}\``);
}

/** The whole filter that a message quotes on its last line, after the place of the mistake. */
const QUOTED_FILTER = new RegExp(
  `\\n(\\d+):(\\d+) (.*) AND \\("?${MARK_FIELD}"? IN ?\\[[^\\]]*\\]\\)$`,
  "s",
);

/** The client's filter without the shard condition that was joined to it. */
function quotedFilter(_: string, start: string, end: string, filter: string): string {
  if (!isOneGroup(filter)) return `\n${start}:${end} ${filter}`;
  // Alone, a condition is quoted without parentheses.
  return `\n${Number(start) - 1}:${Number(end) - 1} ${filter.slice(1, -1)}`;
}

/** Whether the first parenthesis is closed by the last one. */
function isOneGroup(filter: string): boolean {
  return filter.startsWith("(") && filter.endsWith(")") && !filter.includes(") AND (");
}

const LISTED = /Available (filterable|sortable|searchable)([a-z ]*) are: (`.*?`)\.(?=\s|$)/g;

/** A list of attributes as the client's settings have it: nodes know more of them. */
function listed(kind: string, rest: string, list: string, settings: IndexSettings): string {
  const isQuotedEach = list.includes("`, `");
  const known = clientAttributes(kind, settings);
  const shown = list
    .replaceAll("`", "")
    .split(", ")
    .filter((name) => name !== MARK_FIELD && (known?.has(name) ?? true));
  if (shown.length === 0) return `This index does not have configured ${kind} attributes.`;
  return `Available ${kind}${rest} are: \`${shown.join(isQuotedEach ? "`, `" : ", ")}\`.`;
}

/** The attributes that the client named; undefined where nodes have no others. */
function clientAttributes(
  kind: string,
  { filterableAttributes, sortableAttributes }: IndexSettings,
): ReadonlySet<string> | undefined {
  const hidden = "<..hidden-attributes>";
  if (kind === "sortable") return new Set([...sortableAttributes, hidden]);
  if (kind !== "filterable") return undefined;
  const patterns = filterableAttributes.flatMap((rule) =>
    typeof rule === "string" ? [rule] : rule.attributePatterns,
  );
  return new Set([...patterns, hidden]);
}
