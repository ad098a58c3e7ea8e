/** Picks attributes out of documents by dotted names, as raw text where documents must stay as sent. */
import { isArray, isObject, type Json, type JsonObject } from "../../../worker/core/decode/json.ts";
import { elements, members, skipSpace } from "../../../worker/core/json/text-scanner.ts";
import { covers } from "../../../worker/core/settings/attribute-patterns.ts";

function rests(selectors: ReadonlySet<string>, key: string): Set<string> {
  const found = new Set<string>();
  for (const selector of selectors) {
    if (selector !== key && covers(key, selector)) found.add(selector.slice(key.length + 1));
  }
  return found;
}

/** The object text with only the selected attributes; nested ones keep their parents. */
export function selectText(text: string, selectors: ReadonlySet<string>, at = 0): string {
  const kept: string[] = [];
  for (const member of members(text, at)) {
    const key = text.slice(member.start, member.valueStart);
    const nested = rests(selectors, member.key);
    if (selectors.has(member.key) && (!member.key.includes(".") || nested.size === 0)) {
      kept.push(text.slice(member.start, member.valueEnd));
    } else if (nested.size > 0) {
      const value = selectNested(text, member.valueStart, member.valueEnd, nested);
      if (value !== null) kept.push(key + value);
    }
  }
  return `{${kept.join(",")}}`;
}

function selectNested(
  text: string,
  start: number,
  end: number,
  selectors: ReadonlySet<string>,
): string | null {
  const at = skipSpace(text, start);
  if (text[at] === "{") return selectText(text.slice(0, end), selectors, at);
  if (text[at] !== "[") return null;
  const kept = elements(text, at).flatMap(([from, to]) => {
    const value = selectNested(text, from, to, selectors);
    return value === null || value === "{}" ? [] : [value];
  });
  return `[${kept.join(",")}]`;
}

/** The same choice on a parsed document. */
export function selectValues(document: JsonObject, selectors: ReadonlySet<string>): JsonObject {
  const kept = new Map<string, Json>();
  for (const [key, value] of document) {
    const nested = rests(selectors, key);
    if (selectors.has(key) && (!key.includes(".") || nested.size === 0)) kept.set(key, value);
    else if (nested.size > 0) {
      const part = selectPart(value, nested);
      if (part !== null) kept.set(key, part);
    }
  }
  return kept;
}

function selectPart(value: Json, selectors: ReadonlySet<string>): Json | null {
  if (isArray(value)) {
    return value.flatMap((element) => {
      const part = selectPart(element, selectors);
      return part === null || (isObject(part) && part.size === 0) ? [] : [part];
    });
  }
  return isObject(value) ? selectValues(value, selectors) : null;
}
