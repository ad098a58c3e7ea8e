/**
 * Every public route of Meilisearch 1.50 answers on purpose: it is served, or refused with a code
 * that says why. Never an empty 404, a 405 or an internal error, features off or on.
 */
import { beforeAll, expect, test } from "vitest";

import { FEATURE_FLAGS } from "../../worker/core/features/feature-flags.ts";
import { call, finished } from "./miroir.ts";
import { REFERENCE } from "./reference-actions.ts";

/** Bodies that are whole enough to be carried out. */
const BODIES: Readonly<Record<string, unknown>> = {
  "POST /indexes": { uid: "another" },
  "PATCH /indexes/:indexUid": {},
  "POST /indexes/:indexUid/fields": {},
  "POST /swap-indexes": [{ indexes: ["routes", "routes-2"] }],
  "POST /indexes/:indexUid/documents/fetch": {},
  "POST /indexes/:indexUid/documents": [{ id: 1 }],
  "PUT /indexes/:indexUid/documents": [{ id: 1 }],
  "POST /indexes/:indexUid/documents/delete": { filter: "id = 1" },
  "POST /indexes/:indexUid/documents/delete-batch": [1],
  "POST /indexes/:indexUid/documents/edit": { function: "doc.a = 1" },
  "POST /indexes/:indexUid/search": {},
  "POST /indexes/:indexUid/facet-search": { facetName: "id" },
  "POST /indexes/:indexUid/similar": { id: 1, embedder: "e" },
  "POST /multi-search": { queries: [] },
  "POST /keys": { actions: ["search"], indexes: ["*"], expiresAt: null },
  "PATCH /keys/:id": { name: "n" },
  "POST /export": { url: "http://nowhere.invalid" },
  "POST /webhooks": { url: "http://hook" },
  "PATCH /webhooks/:id": {},
  "PATCH /network": {},
  "POST /network/control": {},
  "PATCH /experimental-features": {},
  "POST /logs/stream": { target: "info" },
  "POST /logs/stderr": { target: "info" },
  "POST /dynamic-search-rules": {},
  "PATCH /dynamic-search-rules/:id": {},
  "PATCH /chats/:id/settings": {},
  "POST /chats/:id/chat/completions": { model: "m", messages: [], stream: true },
  "POST /render-template": { template: { kind: "inlineDocumentTemplate", inline: "a" } },
};

/** Refusals of Miroir's own, which docs/instance-routes.md tells; all with the feature on. */
const REFUSED_HERE = new Set([
  "POST /logs/stream",
  "DELETE /logs/stream",
  "POST /logs/stderr",
  "POST /tasks/compact",
  "POST /render-template",
  "POST /indexes/:indexUid/documents/edit",
]);

const settingBody = (path: string): unknown => (path.endsWith("/settings") ? {} : null);

const routes = [...new Map(REFERENCE.map((row) => [`${row[0]} ${row[1]}`, row])).values()].map(
  ([method, path]) => ({ method, path, name: `${method} ${path}` }),
);

beforeAll(async () => {
  await finished(call("POST", "/indexes/routes/documents", [{ id: 1 }]));
  await finished(call("POST", "/indexes/routes-2/documents", [{ id: 1 }]));
});

async function answer({ method, path, name }: (typeof routes)[number]) {
  const isSetting = path.includes("/settings") && path.startsWith("/indexes");
  const body =
    BODIES[name] ??
    (isSetting && method !== "GET" && method !== "DELETE" ? settingBody(path) : undefined);
  const query = /^(POST|DELETE) \/tasks/.test(name) ? "?uids=0" : "";
  return await call(method, path.replace(":indexUid", "routes").replace(":id", "1") + query, body);
}

for (const features of [false, true]) {
  const word = features ? "on" : "off";
  test.for(routes)(`features ${word}: $name answers on purpose`, async (route) => {
    const flags = FEATURE_FLAGS.filter((name) => name !== "legacySearch");
    await call(
      "PATCH",
      "/experimental-features",
      Object.fromEntries(flags.map((name) => [name, features])),
    );
    const { status, json, text } = await answer(route);
    const code = (json as { code?: string } | undefined)?.code;
    if (status < 300) return;
    expect([404, 405, 500].includes(status) && text === "", route.name).toBe(false);
    expect(code, `${route.name}: ${status} ${text}`).toBeTypeOf("string");
    expect(code).not.toBe("internal");
    expect(code === "miroir_not_supported").toBe(features && REFUSED_HERE.has(route.name));
  });
}
