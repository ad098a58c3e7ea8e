/** The bodies that create and change webhooks. */
import { dictionary, nullable, text } from "../decode/decoders.ts";
import { fill, Optional } from "../decode/fields.ts";
import { quoted, unknownField } from "../decode/mistakes.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { keyUidMistake, keyUidOf } from "../keys/key-uid.ts";
import type { WebhookUuid } from "./webhook.ts";

export interface WebhookPatch {
  /** Undefined: as it is; null: none, which is refused. */
  readonly url: string | null | undefined;
  /** Undefined: as they are; null: none. A header that is null goes. */
  readonly headers: ReadonlyMap<string, string | null> | null | undefined;
}

const IMMUTABLE: ReadonlyMap<string, ErrorCode> = new Map([
  ["uuid", "immutable_webhook_uuid"],
  ["isEditable", "immutable_webhook_is_editable"],
]);

export function parseWebhook(body: string): WebhookPatch {
  const url = new Optional<string | null | undefined>(
    nullable(text),
    undefined,
    "invalid_webhook_url",
  );
  const headers = new Optional<WebhookPatch["headers"]>(
    nullable(dictionary(nullable(text))),
    undefined,
    "invalid_webhook_headers",
  );
  fill({ url, headers }, parseJson(body), Place.root(), { refuseUnknown });
  return { url: url.value, headers: headers.value };
}

function refuseUnknown(name: string, at: Place, accepted: readonly string[]): ApiError {
  const code = IMMUTABLE.get(name);
  if (code === undefined) return unknownField(name, at, accepted);
  return new ApiError(code, `Immutable field \`${name}\`: expected one of ${quoted(accepted)}`);
}

/** The uuid in a path, in its one form. */
export function parseWebhookUuid(named: string): WebhookUuid {
  const uuid = keyUidOf(named);
  if (uuid !== undefined) return uuid;
  throw new ApiError("invalid_webhook_uuid", `Invalid UUID: ${keyUidMistake(named)}`);
}
