/**
 * What Meilisearch finds wrong with the `_geo` of a document, in its words; it only looks when `_geo`
 * is filterable or sortable.
 */
import { isObject, jsonText, JsonNumber, type Json, type JsonObject } from "../decode/json.ts";

/** A text that Rust reads as a float, and as a finite one. */
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The message of the fault; undefined when one Meilisearch takes the value. */
export function geoFault(id: string, value: Json): string | undefined {
  if (value === null) return undefined;
  const where = `in the document with the id: \`"${id}"\``;
  if (!isObject(value)) {
    return `The \`_geo\` field ${where} is not an object. Was expecting an object with the \`_geo.lat\` and \`_geo.lng\` fields but instead got \`${jsonText(value)}\`.`;
  }
  const lat = value.get("lat");
  const lng = value.get("lng");
  if (lat === undefined && lng === undefined) {
    return `Could not find latitude nor longitude ${where}. Was expecting \`_geo.lat\` and \`_geo.lng\` fields.`;
  }
  if (lat === undefined) {
    return `Could not find latitude ${where}. Was expecting a \`_geo.lat\` field.`;
  }
  if (lng === undefined) {
    return `Could not find longitude ${where}. Was expecting a \`_geo.lng\` field.`;
  }
  if (value.size > 2) {
    const extra = jsonText(without(without(value, "lat"), "lng"));
    return `The \`_geo\` field ${where} contains the following unexpected fields: \`${extra}\`.`;
  }
  const isLat = isFiniteNumber(lat);
  const isLng = isFiniteNumber(lng);
  if (isLat && isLng) return undefined;
  if (!isLat && !isLng) {
    return `Could not parse latitude nor longitude ${where}. Was expecting finite numbers but instead got \`${jsonText(lat)}\` and \`${jsonText(lng)}\`.`;
  }
  const [name, wrong] = isLat ? ["longitude", lng] : ["latitude", lat];
  return `Could not parse ${name} ${where}. Was expecting a finite number but instead got \`${jsonText(wrong)}\`.`;
}

/** As Meilisearch's map does: what is taken out leaves its place to the last member. */
function without(object: JsonObject, key: string): JsonObject {
  const members = [...object];
  const at = members.findIndex(([name]) => name === key);
  const last = members.pop();
  if (last !== undefined && at < members.length) members[at] = last;
  return new Map(members);
}

function isFiniteNumber(value: Json): boolean {
  if (value instanceof JsonNumber) return Number.isFinite(value.value);
  return typeof value === "string" && FLOAT.test(value) && Number.isFinite(Number(value));
}
