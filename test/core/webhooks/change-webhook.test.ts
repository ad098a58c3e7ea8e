import { expect, test } from "vitest";

import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { changedWebhook, newWebhook } from "../../../worker/core/webhooks/change-webhook.ts";
import { parseWebhook } from "../../../worker/core/webhooks/parse-webhook.ts";
import { WEBHOOK_FAILURES_MAX, webhookPauseMs } from "../../../worker/core/webhooks/retry.ts";
import { urlMistake } from "../../../worker/core/webhooks/url-mistake.ts";
import { viewWebhook } from "../../../worker/core/webhooks/webhook.ts";

const UUID = "11111111-1111-4111-8111-111111111111";

function refusal(make: () => unknown): readonly [string, string] {
  try {
    make();
  } catch (error) {
    if (error instanceof ApiError) return [error.code, error.message];
    throw error;
  }
  throw new Error("nothing was refused");
}

test.for([
  ["{}", "invalid_webhook_url", `The URL for the webhook \`${UUID}\` is missing.`],
  ['{"url":null}', "invalid_webhook_url", `The URL for the webhook \`${UUID}\` is missing.`],
  ['{"url":""}', "invalid_webhook_url", `The URL for the webhook \`${UUID}\` is missing.`],
  ['{"url":"foo"}', "invalid_webhook_url", "Invalid URL `foo`: relative URL without a base"],
  [
    '{"url":3}',
    "invalid_webhook_url",
    "Invalid value type at `.url`: expected a string, but found a positive integer: `3`",
  ],
  [
    '{"url":"http://a","headers":{"a":3}}',
    "invalid_webhook_headers",
    "Invalid value type at `.headers.a`: expected a string, but found a positive integer: `3`",
  ],
  [
    '{"url":"http://a","headers":{"a b":"c"}}',
    "invalid_webhook_headers",
    "Invalid header name `a b`: invalid HTTP header name",
  ],
  [
    '{"url":"http://a","headers":{"a":"c\\nd"}}',
    "invalid_webhook_headers",
    "Invalid header value `a`: failed to parse header value",
  ],
  [
    '{"url":"http://a","uuid":"x"}',
    "immutable_webhook_uuid",
    "Immutable field `uuid`: expected one of `url`, `headers`",
  ],
  [
    '{"url":"http://a","isEditable":true}',
    "immutable_webhook_is_editable",
    "Immutable field `isEditable`: expected one of `url`, `headers`",
  ],
  ['{"foo":1}', "bad_request", "Unknown field `foo`: expected one of `url`, `headers`"],
] as const)("%s is refused", ([body, code, message]) => {
  expect(refusal(() => newWebhook(UUID, parseWebhook(body)))).toEqual([code, message]);
});

test("200 headers are taken, 201 are not, new or changed", () => {
  const headers = (count: number): string =>
    JSON.stringify({
      url: "http://a",
      headers: Object.fromEntries(Array.from({ length: count }, (_, at) => [`h${at}`, "v"])),
    });
  const webhook = newWebhook(UUID, parseWebhook(headers(200)));
  expect(refusal(() => newWebhook(UUID, parseWebhook(headers(201))))[0]).toBe(
    "invalid_webhook_headers",
  );
  expect(
    refusal(() => changedWebhook(webhook, parseWebhook('{"headers":{"x":"1"}}')))[1],
  ).toContain("Please limit the number of headers to 200");
});

test("a change merges headers, null removes one, null for all removes all", () => {
  const webhook = newWebhook(UUID, parseWebhook('{"url":"http://a","headers":{"a":"1","b":"2"}}'));
  const changed = changedWebhook(webhook, parseWebhook('{"headers":{"a":null,"c":"3"}}'));
  expect(changed).toEqual({ uuid: UUID, url: "http://a", headers: { b: "2", c: "3" } });
  expect(changedWebhook(changed, parseWebhook('{"headers":null}')).headers).toEqual({});
  expect(refusal(() => changedWebhook(webhook, parseWebhook('{"url":null}')))[0]).toBe(
    "invalid_webhook_url",
  );
});

test("secrets are masked whatever the case of the header, others are not", () => {
  const headers = {
    authorization: "Bearer abc",
    Authorization: "Bearer abcdefghijklmn",
    AUTHORIZATION: "abcdefghijklmnopq",
    "X-Key": "abcdefghijklmnopq",
  };
  expect(JSON.stringify(viewWebhook({ uuid: UUID, url: "http://a", headers }))).toBe(
    `{"uuid":"${UUID}","isEditable":true,"url":"http://a","headers":{"AUTHORIZATION":"abXXXX...","Authorization":"Bearer abXXXX...","X-Key":"abcdefghijklmnopq","authorization":"Bearer XXX..."}}`,
  );
});

test.for([
  ["http://a/b?c#d", undefined],
  ["ftp://a/b", undefined],
  ["mailto:x", undefined],
  ["foo", "relative URL without a base"],
  ["//a", "relative URL without a base"],
  ["http://", "empty host"],
  ["http://[::1", "invalid IPv6 address"],
  ["http://[::1]:99999", "invalid port number"],
  ["http://a:99999", "invalid port number"],
  ["http://a b/", "invalid international domain name"],
  ["http://1.2.3.4.5/", "invalid IPv4 address"],
  ["http://256.256.256.256/", "invalid IPv4 address"],
] as const)("%s: %s", ([url, expected]) => {
  expect(urlMistake(url)).toBe(expected);
});

test("pauses grow to a limit, and a webhook is given up in less than an hour", () => {
  const pauses = Array.from({ length: WEBHOOK_FAILURES_MAX - 1 }, (_, at) =>
    webhookPauseMs(at + 1, 1),
  );
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThan(3_600_000);
});
