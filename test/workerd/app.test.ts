import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";

test("health needs no key", async () => {
  const response = await exports.default.fetch("http://miroir/health");
  expect(await response.json()).toEqual({ status: "available" });
});
