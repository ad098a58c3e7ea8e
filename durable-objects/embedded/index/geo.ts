/** Points on the globe: reading them from documents, and distances between them. */
import { type Json, isObject, JsonNumber, jsonText } from "../../../worker/core/decode/json.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";

export type Point = readonly [lat: number, lng: number];

const EARTH_RADIUS_M = 6_371_000;
const RADIANS = Math.PI / 180;

/** Haversine distance in metres, as Meilisearch's geometry library computes it: to the millimetre. */
export function distanceBetween(a: Point, b: Point): number {
  const versine = (angle: number): number => (1 - Math.cos(angle)) / 2;
  const aLat = a[0] * RADIANS;
  const bLat = b[0] * RADIANS;
  const chord =
    versine(bLat - aLat) + Math.cos(aLat) * Math.cos(bLat) * versine((b[1] - a[1]) * RADIANS);
  return Math.round(2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(chord)) * 1000) / 1000;
}

function geoError(message: string): ApiError {
  return new ApiError("invalid_document_geo_field", message);
}

/** A number, or a string that reads as one. */
export function coordinate(value: Json): number | undefined {
  if (value instanceof JsonNumber) return value.value;
  if (typeof value !== "string" || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
    return undefined;
  }
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** The point of a `_geo` value; null when there is none. Throws what Meilisearch's task fails with. */
export function readPoint(id: string, value: Json): Point | null {
  if (value === null) return null;
  const where = `in the document with the id: \`"${id}"\``;
  if (!isObject(value)) {
    throw geoError(
      `The \`_geo\` field ${where} is not an object. Was expecting an object with the \`_geo.lat\` and \`_geo.lng\` fields but instead got \`${jsonText(value)}\`.`,
    );
  }
  const lat = value.get("lat");
  const lng = value.get("lng");
  if (lat === undefined && lng === undefined) {
    throw geoError(
      `Could not find latitude nor longitude ${where}. Was expecting \`_geo.lat\` and \`_geo.lng\` fields.`,
    );
  }
  if (lat === undefined) {
    throw geoError(`Could not find latitude ${where}. Was expecting a \`_geo.lat\` field.`);
  }
  if (lng === undefined) {
    throw geoError(`Could not find longitude ${where}. Was expecting a \`_geo.lng\` field.`);
  }
  if (value.size > 2) {
    const extra = [...value].filter(([key]) => key !== "lat" && key !== "lng");
    throw geoError(
      `The \`_geo\` field ${where} contains the following unexpected fields: \`${jsonText(new Map(extra))}\`.`,
    );
  }
  return finitePoint(where, lat, lng);
}

function finitePoint(where: string, lat: Json, lng: Json): Point {
  const latitude = coordinate(lat);
  const longitude = coordinate(lng);
  if (latitude !== undefined && longitude !== undefined) return [latitude, longitude];
  if (latitude === undefined && longitude === undefined) {
    throw geoError(
      `Could not parse latitude nor longitude ${where}. Was expecting finite numbers but instead got \`${jsonText(lat)}\` and \`${jsonText(lng)}\`.`,
    );
  }
  const [name, value] = latitude === undefined ? ["latitude", lat] : ["longitude", lng];
  throw geoError(
    `Could not parse ${name} ${where}. Was expecting a finite number but instead got \`${jsonText(value)}\`.`,
  );
}
