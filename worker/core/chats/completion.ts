/** The body of a chat completion, as far as Meilisearch looks at it before it answers. */
import { asObject } from "../decode/decoders.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";

/** As Meilisearch does: only streamed answers, and one of them. */
export function parseCompletion(body: string): void {
  const members = new Map(asObject(parseJson(body), Place.root()));
  if (members.get("stream") !== true) {
    throw new ApiError(
      "unimplemented_non_streaming_chat_completions",
      "Non-streamed chat completions is not implemented",
    );
  }
}
