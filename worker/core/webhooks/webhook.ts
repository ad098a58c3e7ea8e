/** A webhook: where finished tasks are sent, and how clients see it. */
import { maskSecret } from "../settings/mask-secret.ts";
import { sortedByBytes } from "../settings/attribute-patterns.ts";

export type WebhookUuid = string;

export interface Webhook {
  readonly uuid: WebhookUuid;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** As Meilisearch does: the uuid of a webhook from the command line, which Miroir has none of. */
export const NIL_UUID = "00000000-0000-0000-0000-000000000000";

const BEARER = "Bearer ";

/** The webhook in an answer: headers sorted, secrets masked. */
export function viewWebhook({ uuid, url, headers }: Webhook): object {
  const shown = sortedByBytes(Object.keys(headers)).map((name) => {
    const value = headers[name] ?? "";
    return [name, name.toLowerCase() === "authorization" ? masked(value) : value] as const;
  });
  return { uuid, isEditable: uuid !== NIL_UUID, url, headers: Object.fromEntries(shown) };
}

function masked(value: string): string {
  if (!value.startsWith(BEARER)) return maskSecret(value);
  return BEARER + maskSecret(value.slice(BEARER.length));
}
