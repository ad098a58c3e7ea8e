/** One criterion of a `sort` parameter: `field:asc`, `_geoPoint(48.8, 2.3):desc`. */
import { floatOf } from "../decode/param-decoders.ts";
import { floatDisplay } from "../decode/float-text.ts";
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { RESERVED, RESERVED_CALLS } from "../settings/reserved-words.ts";

export type SortCriterion = { readonly descending: boolean } & (
  | { readonly kind: "field"; readonly field: string }
  | { readonly kind: "geo"; readonly lat: number; readonly lng: number }
);

/** The criterion of a text; throws `code` with Meilisearch's words. */
export function parseSortCriterion(text: string, code: ErrorCode): SortCriterion {
  const colon = text.lastIndexOf(":");
  const direction = colon === -1 ? "" : text.slice(colon + 1);
  if (direction !== "asc" && direction !== "desc") {
    throw new ApiError(
      code,
      `Invalid syntax for the sort parameter: expected expression ending by \`:asc\` or \`:desc\`, found \`${text}\`.`,
    );
  }
  const member = text.slice(0, colon);
  const descending = direction === "desc";
  if (member.startsWith("_geoPoint(") && member.endsWith(")")) {
    return { kind: "geo", descending, ...pointOf(member, code) };
  }
  if (RESERVED.has(member) || RESERVED_CALLS.some((call) => member.startsWith(call))) {
    throw new ApiError(code, reservedText(member));
  }
  return { kind: "field", descending, field: member };
}

function pointOf(member: string, code: ErrorCode): { readonly lat: number; readonly lng: number } {
  const inside = member.slice("_geoPoint(".length, -1);
  const comma = inside.indexOf(",");
  const lat = comma === -1 ? undefined : floatOf(inside.slice(0, comma).trim());
  const lng = comma === -1 ? undefined : floatOf(inside.slice(comma + 1).trim());
  if (lat === undefined || lng === undefined) throw new ApiError(code, reservedText(member));
  if (!(Math.abs(lat) <= 90)) {
    throw new ApiError(
      code,
      `Bad latitude \`${floatDisplay(lat)}\`. Latitude must be contained between -90 and 90 degrees.`,
    );
  }
  if (!(Math.abs(lng) <= 180)) throw new ApiError(code, badLongitude(lng));
  return { lat, lng };
}

/** What a longitude beyond the antimeridian is told, with its value once around the Earth. */
export function badLongitude(longitude: number): string {
  const wrapped = ((((longitude + 180) % 360) + 360) % 360) - 180;
  return `Bad longitude \`${floatDisplay(longitude)}\`. Longitude must be contained between -180 and 180 degrees. Hint: try using \`${floatDisplay(wrapped)}\` instead.`;
}

function reservedText(member: string): string {
  if (member.startsWith("_geoPoint")) {
    return `Invalid syntax for the geo parameter: expected expression formated like \`_geoPoint(latitude, longitude)\` and ending by \`:asc\` or \`:desc\`, found \`${member}\`.`;
  }
  const reserved = (name: string): string =>
    `\`${name}\` is a reserved keyword and thus can't be used as a sort expression.`;
  if (member === "_geo") {
    return `${reserved(member)} Use the _geoPoint(latitude, longitude) built-in rule to sort on _geo field coordinates.`;
  }
  for (const filter of ["_geoRadius", "_geoBoundingBox"]) {
    if (member.startsWith(filter)) {
      return `${reserved(filter)} Use the _geoPoint(latitude, longitude) built-in rule to sort on _geo field coordinates.`;
    }
  }
  return reserved(member);
}
