/**
 * A whole `filter` value, text or lists, parsed: all parts must hold, of an inner list one.
 * Mistakes in the syntax and features that are off are reported here, as Meilisearch does before
 * it even looks for the index.
 */
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { type EnabledFeatures, type FeatureName, notEnabled } from "../query/features.ts";
import type { Filter as ClientFilter } from "../query/search-query.ts";
import type { Filter } from "./ast.ts";
import { FilterMistake, type Span } from "./diagnostic.ts";
import { parseFilterText } from "./parse-text.ts";
import type { Syntax } from "./syntax.ts";
import { filterOfSyntax } from "./to-ast.ts";

/** Pseudo-field that Meilisearch reserves for its own sharding. */
const SHARD_FIELD = "_shard";

/** What a filter means; null when it restricts nothing. Throws `code` with Meilisearch's text. */
export function parseFilter(
  filter: ClientFilter | null,
  code: ErrorCode = "invalid_search_filter",
  enabled: EnabledFeatures = {},
): Filter | null {
  const syntax = parseFilterSyntax(filter, code, enabled);
  return syntax === null ? null : filterOfSyntax(syntax);
}

/** As `parseFilter`, with the places that later messages need. */
export function parseFilterSyntax(
  filter: ClientFilter | null,
  code: ErrorCode,
  enabled: EnabledFeatures,
): Syntax | null {
  if (filter === null) return null;
  try {
    const syntax =
      typeof filter === "string"
        ? parseFilterText(filter)
        : combine("and", filter.map(partSyntax).filter(isPresent));
    if (syntax !== null) checkFeatures(syntax, enabled);
    return syntax;
  } catch (error) {
    if (!(error instanceof FilterMistake)) throw error;
    throw new ApiError(code, error.message);
  }
}

function partSyntax(part: string | readonly string[]): Syntax | null {
  if (typeof part === "string") return parseFilterText(part);
  return combine("or", part.map(parseFilterText).filter(isPresent));
}

function isPresent(syntax: Syntax | null): syntax is Syntax {
  return syntax !== null;
}

function combine(kind: "and" | "or", of: readonly Syntax[]): Syntax | null {
  const [only, ...others] = of;
  if (only === undefined) return null;
  return others.length === 0 ? only : { kind, of };
}

/** The uses of one feature that is off; asked in this order, whatever comes first in the text. */
interface Use {
  readonly feature: FeatureName;
  readonly action: string;
  readonly enabled: (features: EnabledFeatures) => boolean;
  readonly find: (syntax: Syntax) => Span | undefined;
}

const USES: readonly Use[] = [
  {
    feature: "containsFilter",
    action: "Using `CONTAINS` in a filter",
    enabled: (features) => features.containsFilter === true,
    find: (syntax) =>
      syntax.kind === "condition" && syntax.op.kind === "contains" ? syntax.op.keyword : undefined,
  },
  {
    feature: "foreignKeys",
    action: "using a foreign filter",
    enabled: () => false,
    find: (syntax) => (syntax.kind === "foreign" ? syntax.field : undefined),
  },
  {
    feature: "network",
    action: "using a shard filter",
    enabled: () => false,
    find: (syntax) =>
      syntax.kind === "condition" && syntax.attribute.value === SHARD_FIELD
        ? syntax.attribute
        : undefined,
  },
  {
    feature: "multimodal",
    action: "using a vector filter",
    enabled: (features) => features.multimodal === true,
    find: (syntax) => (syntax.kind === "vector" ? syntax.keyword : undefined),
  },
];

function checkFeatures(syntax: Syntax, enabled: EnabledFeatures): void {
  for (const use of USES) {
    if (use.enabled(enabled)) continue;
    const span = findFirst(syntax, use.find);
    if (span === undefined) continue;
    // Switched on, it is still not there: the documents it asks about are on other nodes.
    if (use.feature === "foreignKeys" && enabled.foreignKeys === true) {
      throw new ApiError("miroir_not_supported", "Miroir does not support `_foreign` filters.");
    }
    const mistake = new FilterMistake(notEnabled(use.feature, use.action), span);
    throw new ApiError("feature_not_enabled", mistake.message);
  }
}

function findFirst(syntax: Syntax, find: (syntax: Syntax) => Span | undefined): Span | undefined {
  const here = find(syntax);
  if (here !== undefined) return here;
  if (syntax.kind === "not" || syntax.kind === "foreign") return findFirst(syntax.of, find);
  if (syntax.kind !== "and" && syntax.kind !== "or") return undefined;
  for (const part of syntax.of) {
    const inside = findFirst(part, find);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
