/**
 * The settings that nodes run with: the client's, plus what scattering needs. All of it is hidden
 * from clients again.
 */
import { NODE_FACET_VALUES_MIN } from "../limits.ts";
import { MARK_FIELD } from "../placement/shard-mark.ts";
import { covers, ruleOf } from "./attribute-patterns.ts";
import { DEFAULT_DOCUMENT_TEMPLATE } from "./merge-embedder.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import { sortedField } from "./ranking-rule.ts";
import type {
  Embedder,
  FilterableAttribute,
  FilterableRule,
  IndexSettings,
  NodeSettings,
} from "./settings.ts";

/** An index's settings with the primary key that is known by now. */
export interface KeyedSettings {
  readonly settings: IndexSettings;
  readonly primaryKey: string | undefined;
}

/** Shards are told apart by filtering on the mark; first, so that no pattern of the client's wins. */
const MARK_RULE: FilterableRule = equalityRule(MARK_FIELD);

/** As Meilisearch's default, but the mark must not enter embeddings. */
const MARKLESS_TEMPLATE = DEFAULT_DOCUMENT_TEMPLATE.replace(
  "field.is_searchable and",
  `field.name != "${MARK_FIELD}" and field.is_searchable and`,
);

/** The complete settings for the nodes of an index. */
export function nodeSettings(
  client: IndexSettings,
  primaryKey: string | null | undefined,
): NodeSettings {
  const { foreignKeys: _keys, chat: _chat, ...shared } = client;
  return {
    ...shared,
    filterableAttributes: nodeFilterable(client, primaryKey),
    sortableAttributes: nodeSortable(client.sortableAttributes, primaryKey),
    rankingRules: nodeRankingRules(client.rankingRules, primaryKey),
    // Always passed with the query instead: totals need searches without it.
    distinctAttribute: null,
    faceting: {
      ...client.faceting,
      // Counts of a facet cut off on one node and not on another could not be added up.
      maxValuesPerFacet: listedValuesMax(client),
    },
    embedders: mapValues(client.embedders, nodeEmbedder),
  };
}

/** How many values of a facet a node lists. */
export function listedValuesMax({ faceting }: IndexSettings): number {
  return Math.max(faceting.maxValuesPerFacet, NODE_FACET_VALUES_MIN);
}

/** The body that takes nodes from one state to another: only settings that differ. */
export function nodeSettingsPatch(
  before: KeyedSettings,
  after: KeyedSettings,
): Readonly<Record<string, unknown>> {
  const old = nodeSettings(before.settings, before.primaryKey);
  const next = nodeSettings(after.settings, after.primaryKey);
  const patch: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    if (name === "foreignKeys" || name === "chat") continue;
    if (!same(old[name], next[name])) patch[name] = next[name];
  }
  if (patch["embedders"] !== undefined) {
    patch["embedders"] = embeddersPatch(old.embedders, next.embedders);
  }
  return patch;
}

/**
 * Besides the mark, reads filter by the primary key, and by the attribute that is distinct: it is
 * passed with queries, where it must be filterable, which the setting does not ask for.
 */
function nodeFilterable(
  { filterableAttributes, distinctAttribute }: IndexSettings,
  primaryKey: string | null | undefined,
): readonly FilterableAttribute[] {
  let rules = filterableAttributes;
  for (const attribute of new Set([distinctAttribute, primaryKey])) {
    if (attribute !== null && attribute !== undefined) rules = withEquality(rules, attribute);
  }
  return [MARK_RULE, ...rules];
}

function withEquality(
  rules: readonly FilterableAttribute[],
  attribute: string,
): readonly FilterableAttribute[] {
  const rule = ruleOf(attribute, rules);
  if (rule?.features.filter.equality === true) return rules;
  // Where the client's rule for it does not allow `=`, ours must come before that one and keep
  // what it does allow.
  if (rule === undefined) return [equalityRule(attribute), ...rules];
  const { facetSearch, filter } = rule.features;
  const wider: FilterableRule = {
    attributePatterns: [attribute],
    features: { facetSearch, filter: { equality: true, comparison: filter.comparison } },
  };
  return [wider, ...rules];
}

function equalityRule(attribute: string): FilterableRule {
  return {
    attributePatterns: [attribute],
    features: { facetSearch: false, filter: { equality: true, comparison: false } },
  };
}

function nodeSortable(
  attributes: readonly string[],
  primaryKey: string | null | undefined,
): readonly string[] {
  if (primaryKey === undefined || primaryKey === null) return attributes;
  return attributes.some((own) => covers(own, primaryKey))
    ? attributes
    : [...attributes, primaryKey];
}

/** Ties end by primary key, so that the order is the same however documents are spread. */
function nodeRankingRules(
  rules: readonly string[],
  primaryKey: string | null | undefined,
): readonly string[] {
  if (primaryKey === undefined || primaryKey === null) return rules;
  return rules.some((rule) => sortedField(rule) === primaryKey)
    ? rules
    : [...rules, `${primaryKey}:asc`];
}

function nodeEmbedder(embedder: Embedder): Embedder {
  return embedder["documentTemplate"] === DEFAULT_DOCUMENT_TEMPLATE
    ? { ...embedder, documentTemplate: MARKLESS_TEMPLATE }
    : embedder;
}

/** Nodes merge embedders field by field: what is gone must be sent as `null`. */
function embeddersPatch(
  old: IndexSettings["embedders"],
  next: IndexSettings["embedders"],
): Readonly<Record<string, unknown>> {
  const patch: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
    const before = old[name];
    const after = next[name];
    if (after === undefined) patch[name] = null;
    else if (before === undefined) patch[name] = after;
    else if (!same(before, after)) patch[name] = { ...fieldsGone(before, after), ...after };
  }
  return patch;
}

function fieldsGone(before: Embedder, after: Embedder): Embedder {
  if (before["source"] !== after["source"]) return {};
  const gone = Object.keys(before).filter((field) => after[field] === undefined);
  return Object.fromEntries(gone.map((field) => [field, null]));
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

/** Settings are plain JSON in normal form: equal text means equal value. */
function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
