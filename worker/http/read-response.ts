/** The response of a scattered read; one that lacks shards says which. */
import type { ReadAnswer } from "../search/read-answer.ts";
import { jsonText } from "./call.ts";

export function readResponse({ body, missing }: ReadAnswer): Response {
  if (missing.length === 0) return jsonText(body);
  return jsonText(body, 200, { "X-Miroir-Degraded": `shards=${missing.join(",")}` });
}
