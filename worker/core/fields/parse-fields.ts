/** The body of `POST /indexes/{uid}/fields`: a page, and which fields are wanted. */
import { boolean, count, list, nullable, text, type Decoder } from "../decode/decoders.ts";
import { fill, Optional } from "../decode/fields.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import type { ErrorCode } from "../errors/codes.ts";
import type { Paging } from "../query/parse-index.ts";
import { matchesPattern } from "../settings/attribute-patterns.ts";
import type { FieldView } from "./field-view.ts";

const LIMIT_DEFAULT = 20;

const QUALITIES = [
  "displayed",
  "searchable",
  "sortable",
  "distinct",
  "rankingRule",
  "filterable",
] as const;

type Quality = (typeof QUALITIES)[number];

export interface FieldsQuery extends Paging {
  /** Null: any name. */
  readonly attributePatterns: readonly string[] | null;
  /** What the fields must be, or must not be. */
  readonly wanted: ReadonlyMap<Quality, boolean>;
}

const CODES: Readonly<Record<Quality, ErrorCode>> = {
  displayed: "invalid_index_fields_filter_displayed",
  searchable: "invalid_index_fields_filter_searchable",
  sortable: "invalid_index_fields_filter_sortable",
  distinct: "invalid_index_fields_filter_distinct",
  rankingRule: "invalid_index_fields_filter_ranking_rule",
  filterable: "invalid_index_fields_filter_filterable",
};

type Filter = Pick<FieldsQuery, "attributePatterns" | "wanted">;

const ANY: Filter = { attributePatterns: null, wanted: new Map() };

export function parseFields(body: string): FieldsQuery {
  const offset = new Optional(count, 0, "invalid_index_offset");
  const limit = new Optional(count, LIMIT_DEFAULT, "invalid_index_limit");
  const filter = new Optional(nullable(filterField), null, "invalid_index_fields_filter");
  fill({ offset, limit, filter }, parseJson(body), Place.root());
  return { offset: offset.value, limit: limit.value, ...(filter.value ?? ANY) };
}

const filterField: Decoder<Filter> = (value, at) => {
  const attributePatterns = new Optional<readonly string[] | null>(
    nullable(list(text)),
    null,
    "invalid_index_fields_filter_attribute_patterns",
  );
  const qualities = QUALITIES.map(
    (name) => [name, new Optional<boolean | null>(nullable(boolean), null, CODES[name])] as const,
  );
  fill({ attributePatterns, ...Object.fromEntries(qualities) }, value, at);
  const wanted = qualities.flatMap(([name, { value: is }]) =>
    is === null ? [] : [[name, is] as const],
  );
  return { attributePatterns: attributePatterns.value, wanted: new Map(wanted) };
};

/** Whether a field is one of those that were asked for. */
export function isWanted(field: FieldView, { attributePatterns, wanted }: FieldsQuery): boolean {
  const isNamed = attributePatterns?.some((pattern) => matchesPattern(pattern, field.name)) ?? true;
  return isNamed && [...wanted].every(([quality, is]) => field[quality].enabled === is);
}
