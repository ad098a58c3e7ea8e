/**
 * Which content encoding a response gets, from the client's `Accept-Encoding`. The choice is
 * Meilisearch's: highest quality first, and among equals brotli, gzip, deflate, then none.
 */
const OFFERED = ["br", "gzip", "deflate"] as const;

export type Encoding = (typeof OFFERED)[number];

export type Negotiated =
  | { readonly kind: "plain" }
  | { readonly kind: "encoded"; readonly encoding: Encoding }
  /** The client refuses every form that there is. */
  | { readonly kind: "unacceptable" };

/** What a client that refuses every form is told. */
export const ENCODINGS_OFFERED = "br, gzip, deflate";

/** The choice for one header; as Meilisearch does: no header, or an empty one, means no encoding. */
export function negotiate(header: string | null): Negotiated {
  const qualities = qualitiesOf(header ?? "");
  const plain = qualities.get("identity") ?? (qualities.get("*") === 0 ? 0 : undefined);
  let best: Negotiated = { kind: "plain" };
  let bestQuality = qualities.get("identity") ?? 0;
  for (const encoding of OFFERED.toReversed()) {
    const quality = qualities.get(encoding) ?? 0;
    if (quality === 0 || quality < bestQuality) continue;
    best = { kind: "encoded", encoding };
    bestQuality = quality;
  }
  return best.kind === "plain" && plain === 0 ? { kind: "unacceptable" } : best;
}

function qualitiesOf(header: string): ReadonlyMap<string, number> {
  const qualities = new Map<string, number>();
  for (const item of header.split(",")) {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    if (name === "") continue;
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
    if (/^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(quality)) qualities.set(name, Number(quality));
  }
  return qualities;
}
