/** What a request makes of a webhook, with Meilisearch's limits and refusals. */
import { ApiError } from "../errors/api-error.ts";
import type { WebhookPatch } from "./parse-webhook.ts";
import { urlMistake } from "./url-mistake.ts";
import { NIL_UUID, type Webhook, type WebhookUuid } from "./webhook.ts";

export const WEBHOOKS_MAX = 20;
const HEADERS_MAX = 200;

/** A new webhook; `null` for a header is its empty value here. */
export function newWebhook(uuid: WebhookUuid, { url, headers }: WebhookPatch): Webhook {
  if ((headers?.size ?? 0) > HEADERS_MAX) throw tooManyHeaders(uuid);
  if (url === undefined || url === null) throw missingUrl(uuid);
  const entries = [...(headers ?? [])].map(([name, value]) => [name, value ?? ""] as const);
  return checked({ uuid, url, headers: Object.fromEntries(entries) });
}

export function changedWebhook(webhook: Webhook, { url, headers }: WebhookPatch): Webhook {
  if (url === null) throw missingUrl(webhook.uuid);
  const kept = new Map(headers === null ? [] : Object.entries(webhook.headers));
  for (const [name, value] of headers ?? []) {
    if (value === null) kept.delete(name);
    else kept.set(name, value);
  }
  return checked({ ...webhook, url: url ?? webhook.url, headers: Object.fromEntries(kept) });
}

export function tooManyWebhooks(): ApiError {
  return new ApiError(
    "invalid_webhooks",
    `Defining too many webhooks would crush the server. Please limit the number of webhooks to ${WEBHOOKS_MAX}. You may use a third-party proxy server to dispatch events to more than ${WEBHOOKS_MAX} endpoints.`,
  );
}

export function webhookNotFound(uuid: WebhookUuid): ApiError {
  return new ApiError("webhook_not_found", `Webhook \`${uuid}\` not found.`);
}

/** Refuses to touch the webhook of the command line. */
export function requireEditable(uuid: WebhookUuid): void {
  if (uuid !== NIL_UUID) return;
  throw new ApiError(
    "immutable_webhook",
    `Webhook \`${uuid}\` is immutable. The webhook defined from the command line cannot be modified using the API.`,
  );
}

function checked(webhook: Webhook): Webhook {
  const { uuid, url, headers } = webhook;
  if (url === "") throw missingUrl(uuid);
  if (Object.keys(headers).length > HEADERS_MAX) throw tooManyHeaders(uuid);
  for (const [name, value] of Object.entries(headers)) checkHeader(name, value);
  const mistake = urlMistake(url);
  if (mistake === undefined) return webhook;
  throw new ApiError("invalid_webhook_url", `Invalid URL \`${url}\`: ${mistake}`);
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function checkHeader(name: string, value: string): void {
  if (!HEADER_NAME.test(name)) {
    throw new ApiError(
      "invalid_webhook_headers",
      `Invalid header name \`${name}\`: invalid HTTP header name`,
    );
  }
  for (const character of value) {
    const isSendable = character === "\t" || (character >= " " && character !== "\u007f");
    if (isSendable) continue;
    // As Meilisearch does: the message names the header, not its value.
    throw new ApiError(
      "invalid_webhook_headers",
      `Invalid header value \`${name}\`: failed to parse header value`,
    );
  }
}

function missingUrl(uuid: WebhookUuid): ApiError {
  return new ApiError("invalid_webhook_url", `The URL for the webhook \`${uuid}\` is missing.`);
}

function tooManyHeaders(uuid: WebhookUuid): ApiError {
  return new ApiError(
    "invalid_webhook_headers",
    `Too many headers for the webhook \`${uuid}\`. Please limit the number of headers to ${HEADERS_MAX}. Hint: To remove an already defined header set its value to \`null\``,
  );
}
