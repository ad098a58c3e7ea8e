/** Which attributes a filter names. */
import type { Filter } from "./ast.ts";
import type { Syntax, Token } from "./syntax.ts";

/** Every attribute of a filter, each once; `_geo` for the geographic conditions. */
export function filterAttributes(filter: Filter): ReadonlySet<string> {
  const attributes = new Set<string>();
  const visit = (part: Filter): void => {
    if (part.kind === "condition") attributes.add(part.attribute);
    else if (part.kind === "not") visit(part.of);
    else part.of.forEach(visit);
  };
  visit(filter);
  return attributes;
}

/**
 * The attributes that must be filterable, in the order in which Meilisearch checks them: the last
 * part of an AND or OR first, so that its message names the same one of several.
 */
export function attributesToCheck(syntax: Syntax): readonly Token[] {
  const found: Token[] = [];
  const pending: Syntax[] = [syntax];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part.kind === "condition") found.push(part.attribute);
    else if (part.kind === "not") pending.push(part.of);
    else if (part.kind === "and" || part.kind === "or") pending.push(...part.of);
  }
  return found;
}
