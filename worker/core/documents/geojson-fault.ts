/**
 * What Meilisearch finds wrong with the `_geojson` of a document, in its words; it only looks when
 * `_geojson` is filterable. Shapes that it takes apart and then cannot place (a ring without points)
 * are not found here.
 */
import {
  isArray,
  isObject,
  jsonText,
  JsonNumber,
  type Json,
  type JsonObject,
} from "../decode/json.ts";

/** How deep the positions of a geometry lie in its `coordinates`. */
const DEPTHS: ReadonlyMap<string, number> = new Map([
  ["Point", 0],
  ["MultiPoint", 1],
  ["LineString", 1],
  ["MultiLineString", 2],
  ["Polygon", 2],
  ["MultiPolygon", 3],
]);

/** The message of the fault; undefined when one Meilisearch takes the value. */
export function geojsonFault(value: Json): string | undefined {
  if (value === null || !isObject(value)) return notObject(value);
  const type = value.get("type");
  if (typeof type !== "string") return unknownType("type");
  switch (type) {
    case "Feature":
      return featureFault(value);
    case "FeatureCollection":
      return listFault(value, "features", collectedFeatureFault);
    default: {
      const isGeometry = type === "GeometryCollection" || DEPTHS.has(type);
      if (isGeometry) return geometryFault(value);
      return "Expected a Feature, FeatureCollection, or Geometry, but got an empty type";
    }
  }
}

function collectedFeatureFault(value: Json): string | undefined {
  return value === null || !isObject(value) ? notObject(value) : featureFault(value);
}

function featureFault(feature: JsonObject): string | undefined {
  const geometry = feature.get("geometry");
  if (geometry === undefined) return missing("geometry");
  if (geometry !== null) return geometryFault(geometry) ?? boxFault(feature);
  const shown = new Map<string, Json>([["type", "Feature"]]);
  shown.set("geometry", null);
  shown.set("properties", feature.get("properties") ?? null);
  return `Attempted to a convert a feature without a geometry into a geo_types::Geometry: \`${jsonText(shown)}\``;
}

function geometryFault(value: Json): string | undefined {
  if (value === null || !isObject(value)) return notObject(value);
  const type = value.get("type");
  if (typeof type !== "string") return unknownType("type");
  if (type === "GeometryCollection") {
    return listFault(value, "geometries", geometryFault) ?? boxFault(value);
  }
  const depth = DEPTHS.get(type);
  if (depth === undefined) return unknownType(type);
  const coordinates = value.get("coordinates");
  if (coordinates === undefined) return missing("coordinates");
  return positionsFault(coordinates, depth) ?? boxFault(value);
}

function positionsFault(value: Json, depth: number): string | undefined {
  if (value === null || !isArray(value)) return "Expected an Array value, but got `None`";
  if (depth > 0) return firstFault(value, (element) => positionsFault(element, depth - 1));
  if (value.length < 2) {
    return `A position must contain two or more elements, but got \`${value.length}\``;
  }
  return value.every((element) => element instanceof JsonNumber)
    ? undefined
    : "Expected a floating-point value, but got None";
}

function listFault(
  object: JsonObject,
  name: string,
  fault: (element: Json) => string | undefined,
): string | undefined {
  const list = object.get(name);
  if (list === undefined) return missing(name);
  if (list === null || !isArray(list))
    return `Expected an Array value, but got \`${kindOf(list)}\``;
  return firstFault(list, fault);
}

function firstFault(
  list: readonly Json[],
  fault: (element: Json) => string | undefined,
): string | undefined {
  for (const element of list) {
    const found = fault(element);
    if (found !== undefined) return found;
  }
  return undefined;
}

function boxFault(object: JsonObject): string | undefined {
  const box = object.get("bbox");
  if (box === undefined || box === null || isArray(box)) return undefined;
  return `Encountered non-array value for a 'bbox' object: \`${jsonText(box)}\``;
}

const notObject = (value: Json): string =>
  `Expected an owned Object, but got \`${jsonText(value)}\``;
const unknownType = (name: string): string =>
  `Encountered an unknown 'geometry' object type: \`${name}\``;
const missing = (name: string): string =>
  `Expected a GeoJSON property for \`${name}\`, but got None`;

function kindOf(value: Json): string {
  if (value === null) return "Null";
  if (typeof value === "string") return "String";
  if (typeof value === "boolean") return "Bool";
  return value instanceof JsonNumber ? "Number" : "Object";
}
