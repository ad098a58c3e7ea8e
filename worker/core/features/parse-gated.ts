/**
 * Bodies of routes that belong to experimental features which Miroir does not have: read as far as
 * Meilisearch's first checks go, so that mistakes are told before the feature is.
 */
import {
  anything,
  boolean,
  count,
  list,
  nullable,
  oneOf,
  text,
  asObject,
} from "../decode/decoders.ts";
import { fill, Optional, type Slots } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import type { Paging } from "../query/parse-index.ts";

const optional = (decode: (value: Json, at: Place) => unknown): Optional<unknown> =>
  new Optional<unknown>(decode, null);

function read(slots: Slots, body: string): void {
  fill(slots, parseJson(body), Place.root());
}

export function parseLogStream(body: string): void {
  const mode = oneOf(["human", "json", "profile"]);
  read({ target: optional(text), mode: optional(mode), profileMemory: optional(boolean) }, body);
}

export function parseLogTarget(body: string): void {
  read({ target: optional(text) }, body);
}

/** Any JSON object: this body is not read by Meilisearch's usual rules. */
export function parseObject(body: string): void {
  asObject(parseJson(body), Place.root());
}

const RULES_LIMIT_DEFAULT = 20;

export function parseRuleList(body: string): Paging {
  const offset = new Optional(count, 0, "invalid_dynamic_search_rule_offset");
  const limit = new Optional(count, RULES_LIMIT_DEFAULT, "invalid_dynamic_search_rule_limit");
  const filter = new Optional<unknown>(
    nullable(ruleFilter),
    null,
    "invalid_dynamic_search_rule_filter",
  );
  read({ offset, limit, filter }, body);
  return { offset: offset.value, limit: limit.value };
}

function ruleFilter(value: Json, at: Place): unknown {
  const query = new Optional<unknown>(
    nullable(text),
    null,
    "invalid_dynamic_search_rule_filter_query",
  );
  const active = new Optional<unknown>(
    nullable(boolean),
    null,
    "invalid_dynamic_search_rule_filter_active",
  );
  fill({ query, active }, value, at);
  return null;
}

export function parseRule(body: string): void {
  const slots = {
    description: new Optional<unknown>(
      nullable(text),
      null,
      "invalid_dynamic_search_rule_description",
    ),
    precedence: new Optional<unknown>(
      nullable(count),
      null,
      "invalid_dynamic_search_rule_priority",
    ),
    active: new Optional<unknown>(nullable(boolean), null, "invalid_dynamic_search_rule_active"),
    conditions: new Optional<unknown>(
      nullable(asObject),
      null,
      "invalid_dynamic_search_rule_conditions",
    ),
    actions: new Optional<unknown>(
      nullable(list(anything)),
      null,
      "invalid_dynamic_search_rule_actions",
    ),
  };
  read(slots, body);
}
