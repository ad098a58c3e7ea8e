/**
 * What an index's settings make of one field: the rows of `POST /indexes/{uid}/fields`. Computed from
 * the client's settings, because nodes' own have rules that clients must not see.
 */
import { covers, matchesPattern, ruleOf } from "../settings/attribute-patterns.ts";
import type { IndexSettings } from "../settings/settings.ts";

export interface FieldView {
  readonly name: string;
  readonly displayed: { readonly enabled: boolean };
  readonly searchable: { readonly enabled: boolean };
  readonly sortable: { readonly enabled: boolean };
  readonly distinct: { readonly enabled: boolean };
  readonly rankingRule: { readonly enabled: boolean; readonly order?: string };
  readonly filterable: {
    readonly enabled: boolean;
    readonly sortBy: string;
    readonly facetSearch: boolean;
    readonly equality: boolean;
    readonly comparison: boolean;
  };
  readonly localized: { readonly locales: readonly string[] };
}

/** Vectors can be nothing of this, and places only what they are for. */
type Reserved = "vectors" | "point" | "shape" | undefined;

export function fieldView(name: string, settings: IndexSettings): FieldView {
  const reserved = reservedOf(name);
  const order = reserved === undefined ? rankingOrder(name, settings) : undefined;
  const isIn = (attributes: readonly string[]): boolean =>
    attributes.some((attribute) => attribute === "*" || covers(attribute, name));
  return {
    name,
    displayed: { enabled: isIn(settings.displayedAttributes) },
    searchable: { enabled: reserved === undefined && isIn(settings.searchableAttributes) },
    sortable: {
      enabled:
        (reserved === undefined || reserved === "point") &&
        settings.sortableAttributes.some((attribute) => covers(attribute, name)),
    },
    distinct: { enabled: reserved === undefined && settings.distinctAttribute === name },
    rankingRule: order === undefined ? { enabled: false } : { enabled: true, order },
    filterable: filterable(name, settings, reserved),
    localized: { locales: reserved === undefined ? locales(name, settings) : [] },
  };
}

function reservedOf(name: string): Reserved {
  if (covers("_vectors", name)) return "vectors";
  if (covers("_geo", name)) return "point";
  return covers("_geojson", name) ? "shape" : undefined;
}

function rankingOrder(name: string, { rankingRules }: IndexSettings): string | undefined {
  // As Meilisearch does: of two rules for one field, the last one counts.
  const rule = rankingRules.findLast(
    (known) => known === `${name}:asc` || known === `${name}:desc`,
  );
  return rule?.slice(name.length + 1);
}

function filterable(
  name: string,
  { filterableAttributes, faceting }: IndexSettings,
  reserved: Reserved,
): FieldView["filterable"] {
  const rule = reserved === "vectors" ? undefined : ruleOf(name, filterableAttributes);
  const facetSearch = rule?.features.facetSearch ?? false;
  const equality = rule?.features.filter.equality ?? false;
  const comparison = rule?.features.filter.comparison ?? false;
  const { sortFacetValuesBy: orders } = faceting;
  const own = Object.hasOwn(orders, name) ? orders[name] : orders["*"];
  return {
    enabled: facetSearch || equality || comparison,
    sortBy: reserved === "vectors" ? "alpha" : (own ?? "alpha"),
    facetSearch,
    equality,
    comparison,
  };
}

/** As Meilisearch does: here a language is written with a capital. */
function locales(name: string, { localizedAttributes }: IndexSettings): readonly string[] {
  const rule = localizedAttributes?.find(({ attributePatterns }) =>
    attributePatterns.some((pattern) => matchesPattern(pattern, name)),
  );
  return (rule?.locales ?? []).map((code) => code.charAt(0).toUpperCase() + code.slice(1));
}
