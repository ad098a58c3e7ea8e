import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";

import { call, KEY } from "./miroir.ts";

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  exports.default.fetch(`http://miroir${path}`, init);

test("a preflight is answered without key or route, with the headers that it asks for", async () => {
  const response = await ask("/no/such/route", {
    method: "OPTIONS",
    headers: {
      Origin: "http://page",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,x-meilisearch-client",
    },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
  expect(response.headers.get("Access-Control-Allow-Headers")).toBe(
    "authorization,x-meilisearch-client",
  );
  expect(response.headers.get("Access-Control-Allow-Methods")).toContain("PATCH");
  expect(response.headers.get("Access-Control-Max-Age")).toBe("86400");
});

test("a preflight for a method that there is not is refused in words", async () => {
  const response = await ask("/health", {
    method: "OPTIONS",
    headers: { Origin: "http://page", "Access-Control-Request-Method": "get" },
  });
  expect([response.status, await response.text()]).toEqual([
    400,
    "Requested method is not allowed",
  ]);
  expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
});

test("errors and unknown paths are open to pages too", async () => {
  for (const path of ["/indexes", "/nope"]) {
    const { headers } = await ask(path, { headers: { Origin: "http://page" } });
    expect(headers.get("Access-Control-Allow-Origin")).toBe("*");
  }
});

test("a known path with another method is 405 and names its methods, also for HEAD", async () => {
  const { status, headers } = await call("PUT", "/indexes");
  expect([status, headers.get("Allow")]).toEqual([405, "GET, POST"]);
  const head = await ask("/health", { method: "HEAD" });
  expect([head.status, head.headers.get("Allow")]).toEqual([405, "GET"]);
  // The fixed path is found before the one with a parameter.
  expect((await call("GET", "/tasks/cancel")).status).toBe(405);
});

test("slashes too many and needless escapes mean nothing", async () => {
  for (const path of ["/health/", "//health", "/%68ealth"]) {
    expect((await ask(path)).status).toBe(200);
  }
  expect((await ask("/HEALTH")).status).toBe(404);
});

test("a request has a name: the client's, or one of its own", async () => {
  const named = await ask("/health", { headers: { "X-Request-Id": "mine-1" } });
  expect(named.headers.get("X-Request-Id")).toBe("mine-1");
  const other = await ask("/health", { headers: { "X-Request-Id": "a b" } });
  expect(other.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
});

test("a client that refuses every encoding is told which there are", async () => {
  const response = await ask("/health", { headers: { "Accept-Encoding": "*;q=0" } });
  expect([response.status, await response.text()]).toEqual([406, "br, gzip, deflate"]);
});

test("a byte order mark is malformed JSON", async () => {
  const response = await ask("/indexes", {
    method: "POST",
    headers: { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" },
    body: "\ufeff{}",
  });
  expect(await response.json()).toMatchObject({ code: "malformed_payload" });
});
