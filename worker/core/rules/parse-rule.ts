/** The body that makes or changes a dynamic search rule, checked as Meilisearch checks it. */
import {
  asObject,
  boolean,
  count,
  countUpTo,
  list,
  nullable,
  text,
  type Decoder,
} from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import { plainObject, type Json } from "../decode/json.ts";
import { missingField, unexpected } from "../decode/mistakes.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { rfc3339, type DateTime } from "../decode/rfc3339.ts";
import { compareText } from "../json/text-order.ts";
import { indexUidOr } from "../query/parse-index.ts";
import type {
  Conditions,
  FilterCondition,
  PinAction,
  QueryCondition,
  RulePatch,
  TimeCondition,
} from "./rule.ts";

const POSITION_MAX = 4_294_967_295;

export function parseRule(body: string): RulePatch {
  const slots = {
    description: optional(nullable(text), "description"),
    precedence: optional(nullable(count), "priority"),
    active: optional(nullable(boolean), "active"),
    conditions: optional(nullable(conditions), "conditions"),
    actions: optional(nullable(list(action)), "actions"),
  };
  fill(slots, parseJson(body), Place.root());
  const { description, precedence, active } = slots;
  return {
    ...(description.value === undefined ? {} : { description: description.value }),
    ...(precedence.value === undefined ? {} : { precedence: precedence.value }),
    ...(active.value === undefined ? {} : { active: active.value }),
    ...(slots.conditions.value === undefined ? {} : { conditions: slots.conditions.value }),
    ...(slots.actions.value === undefined ? {} : { actions: slots.actions.value }),
  };
}

type Field = "description" | "priority" | "active" | "conditions" | "actions";

function optional<T>(decode: Decoder<T>, field: Field): Optional<T | undefined> {
  return new Optional<T | undefined>(decode, undefined, `invalid_dynamic_search_rule_${field}`);
}

function conditions(value: Json, at: Place): Conditions {
  const times = new Optional<Times | null>(nullable(time), null);
  const query = new Optional<QueryCondition | null>(nullable(queryCondition), null);
  const filter = new Optional<FilterCondition | null>(nullable(filterCondition), null);
  fill({ time: times, query, filter }, value, at);
  // As Meilisearch does: what members say of each other is another mistake than a wrong member.
  const apart = at.withCode("bad_request");
  if (query.value?.isEmpty === true && query.value.words !== null) {
    throw unexpected(
      apart.key("query"),
      "either `isEmpty` or `words` can be used, not both at once",
    );
  }
  return {
    time: times.value === null ? null : orderedTimes(times.value, apart.key("time")),
    query: query.value,
    filter: filter.value,
  };
}

interface Times {
  readonly start: DateTime | null;
  readonly end: DateTime | null;
}

function time(value: Json, at: Place): Times {
  const start = new Optional<DateTime | null>(nullable(dateTime), null);
  const end = new Optional<DateTime | null>(nullable(dateTime), null);
  fill({ start, end }, value, at, { ignoreUnknown: true });
  return { start: start.value, end: end.value };
}

function orderedTimes({ start, end }: Times, at: Place): TimeCondition {
  if (start !== null && end !== null && start.at > end.at) {
    throw unexpected(
      at,
      `\`end\` (\`${spokenTime(end)}\`) should be later than \`start\` (\`${spokenTime(start)}\`)`,
    );
  }
  return { start: start?.text ?? null, end: end?.text ?? null };
}

function dateTime(value: Json, at: Place): DateTime {
  const source = text(value, at);
  const found = rfc3339(source);
  if (found !== undefined) return found;
  throw unexpected(
    at,
    `\`${source}\` is not a valid date. It should follow the RFC 3339 format to represents a date or datetime in the future or specified as a null value. e.g. 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'.\n`,
  );
}

/** As Rust's `time` prints it in sentences. */
function spokenTime({ text: written }: DateTime): string {
  const [, day, hour, minutes, fraction = ".0", zone = ""] =
    /^(.{10})T(\d\d)(:\d\d:\d\d)(\.\d+)?(.+)$/.exec(written) ?? [];
  const offset = zone === "Z" ? "+00:00:00" : `${zone}:00`;
  return `${day} ${Number(hour)}${minutes}${fraction} ${offset}`;
}

function queryCondition(value: Json, at: Place): QueryCondition {
  const isEmpty = new Optional<boolean | null>(nullable(boolean), null);
  const words = new Optional<string | null>(nullable(text), null);
  fill({ isEmpty, words }, value, at);
  return { isEmpty: isEmpty.value, words: words.value };
}

function filterCondition(value: Json, at: Place): FilterCondition {
  const values = new Optional<FilterCondition["values"]>(sortedObject, {});
  fill({ values }, value, at);
  return { values: values.value };
}

function sortedObject(value: Json, at: Place): FilterCondition["values"] {
  const members = Object.entries(plainObject(asObject(value, at)));
  return Object.fromEntries(members.toSorted(([a], [b]) => compareText(a, b)));
}

function action(value: Json, at: Place): PinAction {
  const selected = new Required(selector);
  const position = new Required(pin);
  fill({ selector: selected, action: position }, value, at);
  return { ...selected.value, position: position.value };
}

function selector(value: Json, at: Place): Pick<PinAction, "indexUid" | "id"> {
  const indexUid = new Optional<string | null>(nullable(uid), null);
  const id = new Required(text);
  fill({ indexUid, id }, value, at);
  return { indexUid: indexUid.value, id: id.value };
}

function uid(value: Json, at: Place): string {
  return indexUidOr(text(value, at), (reason) => unexpected(at, reason));
}

/** The position of a pin: the one type of action that there is. */
function pin(value: Json, at: Place): number {
  const members = new Map(asObject(value, at));
  const type = members.get("type");
  if (type === undefined) throw missingField("type", at, at.code);
  if (text(type, at.key("type")) !== "pin") throw unexpected(at, "Incorrect tag value");
  members.delete("type");
  const position = new Required(countUpTo(POSITION_MAX));
  fill({ position }, members, at);
  return position.value;
}
