import { expect, test } from "vitest";

import {
  dumpSettings,
  dumpUid,
  dumpWebhooks,
  indexMetadata,
  keyLine,
} from "../../../worker/core/archive/dump-files.ts";
import { instant } from "../../../worker/core/ids.ts";
import { DEFAULT_SETTINGS } from "../../../worker/core/settings/settings.ts";

const AT = Date.UTC(2026, 10, 23, 15, 51, 6, 404);

test("a dump is named after its time, to the millisecond", () => {
  expect(dumpUid(AT)).toBe("20261123-155106404");
});

test("a key is one line without its secret, and what is absent is left out", () => {
  const line = keyLine({
    uid: "89bedfc8-0745-4faa-ad6a-66acb7003437",
    name: null,
    description: "d",
    actions: ["search"],
    indexes: ["*"],
    expiresAt: null,
    expiresAtText: null,
    createdAt: instant(AT),
    updatedAt: instant(AT),
  });
  expect(line).toBe(
    '{"description":"d","uid":"89bedfc8-0745-4faa-ad6a-66acb7003437","actions":["search"],"indexes":["*"],"expires_at":null,"created_at":"2026-11-23T15:51:06.404Z","updated_at":"2026-11-23T15:51:06.404Z"}\n',
  );
});

test("an index without primary key says so", () => {
  expect(
    indexMetadata({ uid: "m", primaryKey: undefined, createdAt: AT, updatedAt: AT }),
  ).toContain('"primaryKey":null');
});

test("secrets are in a dump, because without them it could not be used", () => {
  const embedders = { e: { source: "openAi", apiKey: "sk-1234567890abcdefghij" } };
  expect(dumpSettings({ ...DEFAULT_SETTINGS, embedders })).toContain("sk-1234567890abcdefghij");
  const headers = { Authorization: "Bearer abcdefghijkl" };
  expect(dumpWebhooks([{ uuid: "u", url: "http://a", headers }])).toBe(
    '{"webhooks":{"u":{"url":"http://a","headers":{"Authorization":"Bearer abcdefghijkl"}}}}',
  );
});
