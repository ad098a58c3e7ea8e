/** Webhooks: list, get, create, change and delete. */
import { v4 } from "uuid";

import {
  changedWebhook,
  newWebhook,
  requireEditable,
  tooManyWebhooks,
  WEBHOOKS_MAX,
  webhookNotFound,
} from "../core/webhooks/change-webhook.ts";
import { parseWebhook, parseWebhookUuid } from "../core/webhooks/parse-webhook.ts";
import { viewWebhook, type WebhookUuid } from "../core/webhooks/webhook.ts";
import type { Call } from "../http/call.ts";
import { jsonValue } from "../http/call.ts";
import { WebhookStore } from "../webhooks/webhook-store.ts";
import type { Route } from "./route.ts";

const WEBHOOK = "/webhooks/:uuid";

export const webhookRoutes: readonly Route[] = [
  { method: "GET", path: "/webhooks", action: "webhooks.get", serve: list },
  { method: "POST", path: "/webhooks", action: "webhooks.create", serve: create },
  { method: "GET", path: WEBHOOK, action: "webhooks.get", serve: get },
  { method: "PATCH", path: WEBHOOK, action: "webhooks.update", serve: update },
  { method: "DELETE", path: WEBHOOK, action: "webhooks.delete", serve: remove },
];

const storeOf = ({ env }: Call): WebhookStore => new WebhookStore(env.TASKS);

const uuidOf = (call: Call): WebhookUuid => parseWebhookUuid(call.param("uuid"));

async function list(call: Call): Promise<Response> {
  return jsonValue({ results: (await storeOf(call).all()).map(viewWebhook) });
}

async function create(call: Call): Promise<Response> {
  const patch = parseWebhook(await call.jsonText());
  const store = storeOf(call);
  // As Meilisearch does: too many webhooks are told before what is wrong with this one.
  if ((await store.all()).length >= WEBHOOKS_MAX) throw tooManyWebhooks();
  const webhook = newWebhook(v4(), patch);
  if (!(await store.add(webhook))) throw tooManyWebhooks();
  return jsonValue(viewWebhook(webhook), 201);
}

async function get(call: Call): Promise<Response> {
  const uuid = uuidOf(call);
  const webhook = await storeOf(call).get(uuid);
  if (webhook === undefined) throw webhookNotFound(uuid);
  return jsonValue(viewWebhook(webhook));
}

async function update(call: Call): Promise<Response> {
  const patch = parseWebhook(await call.jsonText());
  const uuid = uuidOf(call);
  requireEditable(uuid);
  const store = storeOf(call);
  const webhook = await store.get(uuid);
  if (webhook === undefined) throw webhookNotFound(uuid);
  const changed = changedWebhook(webhook, patch);
  await store.replace(changed);
  return jsonValue(viewWebhook(changed));
}

async function remove(call: Call): Promise<Response> {
  const uuid = uuidOf(call);
  requireEditable(uuid);
  if (!(await storeOf(call).remove(uuid))) throw webhookNotFound(uuid);
  return new Response(null, { status: 204 });
}
