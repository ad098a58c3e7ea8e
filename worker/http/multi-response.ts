/** The response of a read over several indexes; one that lacks shards says which of which index. */
import type { MissingByIndex, MultiAnswer } from "../search/query-list.ts";
import { jsonText } from "./call.ts";

export function multiResponse({ body, missing }: MultiAnswer): Response {
  return jsonText(body, 200, degradedHeader(missing));
}

function degradedHeader(missing: MissingByIndex): Readonly<Record<string, string>> {
  if (missing.size === 0) return {};
  const shards = [...missing].flatMap(([uid, ids]) => ids.map((id) => `${uid}/${id}`));
  return { "X-Miroir-Degraded": `shards=${shards.join(",")}` };
}
