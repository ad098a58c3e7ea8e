/** Names and calls that Meilisearch keeps for itself wherever something is sorted by a field. */
export const RESERVED: ReadonlySet<string> = new Set([
  "_geo",
  "_geojson",
  "_geoDistance",
  "_geoPoint",
  "_geoRadius",
  "_geoBoundingBox",
  "_geoPolygon",
]);
export const RESERVED_CALLS = [
  "_geoRadius(",
  "_geoBoundingBox(",
  "_geo(",
  "_geoDistance(",
] as const;
