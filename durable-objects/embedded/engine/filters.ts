/** Filters as a node takes them: Miroir's hidden field may be used, which clients' filters may not. */
import { checkFilter, type FilterContext } from "../../../worker/core/filter/check.ts";
import { parseFilterSyntax } from "../../../worker/core/filter/parse.ts";
import { filterOfSyntax } from "../../../worker/core/filter/to-ast.ts";
import type { Filter } from "../../../worker/core/filter/ast.ts";
import type { Syntax } from "../../../worker/core/filter/syntax.ts";
import { MARK_FIELD } from "../../../worker/core/placement/shard-mark.ts";
import type { EnabledFeatures } from "../../../worker/core/query/features.ts";
import type { Filter as FilterValue } from "../../../worker/core/query/search-query.ts";
import type { SearchIndex } from "../index/search-index.ts";

/** The filter without conditions on the hidden field; null when nothing is left. */
function withoutMark(syntax: Syntax): Syntax | null {
  if (syntax.kind === "and" || syntax.kind === "or") {
    const of = syntax.of.map(withoutMark).filter((part) => part !== null);
    return of.length === 0 ? null : { kind: syntax.kind, of };
  }
  if (syntax.kind === "not") {
    const of = withoutMark(syntax.of);
    return of === null ? null : { kind: "not", of };
  }
  return syntax.kind === "condition" && syntax.attribute.value === MARK_FIELD ? null : syntax;
}

export function nodeFilter(
  index: SearchIndex,
  value: FilterValue | null,
  context: FilterContext,
  enabled: EnabledFeatures,
): Filter | null {
  const syntax = parseFilterSyntax(value, context.code, enabled);
  if (syntax === null) return null;
  const checked = index.schema.isFilterable(MARK_FIELD) ? withoutMark(syntax) : syntax;
  if (checked !== null) checkFilter(checked, index.settings.filterableAttributes, context);
  return filterOfSyntax(syntax);
}
