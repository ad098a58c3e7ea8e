import { describe, expect, it } from "vitest";

import {
  parseCreateKey,
  parseKeysPaging,
  parseUpdateKey,
} from "../../../worker/core/keys/parse-key.ts";

const NEW_UID = "00000000-0000-4000-8000-000000000000";
const OK = { actions: ["search"], indexes: ["*"], expiresAt: null };
const create = (body: unknown) => parseCreateKey(JSON.stringify(body), NEW_UID, 0);

describe("a new key", () => {
  it("has a uid of its own, and what was asked", () => {
    expect(create({ ...OK, name: "n", description: null })).toEqual({
      uid: NEW_UID,
      name: "n",
      description: null,
      actions: ["search"],
      indexes: ["*"],
      expiresAt: null,
      expiresAtText: null,
    });
  });

  it.each([
    [{}, "missing_api_key_actions", "Missing field `actions`"],
    [{ actions: [] }, "missing_api_key_indexes", "Missing field `indexes`"],
    [{ actions: [], indexes: [] }, "missing_api_key_expires_at", "Missing field `expiresAt`"],
    [
      { ...OK, uid: null },
      "invalid_api_key_uid",
      "Invalid value type at `.uid`: expected a string, but found null",
    ],
    [{ ...OK, uid: "" }, "invalid_api_key_uid", "Invalid value at `.uid`: invalid length: found 0"],
    [
      { ...OK, name: 3 },
      "invalid_api_key_name",
      "Invalid value type at `.name`: expected a string, but found a positive integer: `3`",
    ],
    [
      { ...OK, description: [] },
      "invalid_api_key_description",
      "Invalid value type at `.description`: expected a string, but found an array: `[]`",
    ],
    [
      { ...OK, actions: ["searh"] },
      "invalid_api_key_actions",
      /^Unknown value `searh` at `\.actions\[0\]`: did you mean `search`\? expected one of `\*`, `search`, .*`dynamicSearchRules\.\*`$/,
    ],
    [{ ...OK, actions: ["keys.*"] }, "invalid_api_key_actions", /^Unknown value `keys\.\*`/],
    [
      { ...OK, indexes: ["a**"] },
      "invalid_api_key_indexes",
      /^Invalid value at `\.indexes\[0\]`: `a\*` is not a valid index uid pattern\./,
    ],
    [{ ...OK, indexes: ["*a"] }, "invalid_api_key_indexes", /`\*a` is not a valid/],
    [{ ...OK, indexes: ["a".repeat(401)] }, "invalid_api_key_indexes", /is not a valid/],
    [
      { ...OK, expiresAt: "x" },
      "invalid_api_key_expires_at",
      /^Invalid value at `\.expiresAt`: `x` is not a valid date\. .*'\.\n$/s,
    ],
    [
      { ...OK, key: "k" },
      "bad_request",
      "Unknown field `key`: expected one of `description`, `name`, `uid`, `actions`, `indexes`, `expiresAt`",
    ],
    [
      { ...OK, indexes: ["p"], actions: ["search", "version"] },
      "index_scoped_api_key_with_global_action",
      'cannot create index-scoped API key with global action `"version"`\n  - Hint: remove action `"version"` from the action list, or remove `indexes` to make the key global',
    ],
  ])("is refused: %j", (body, code, message) => {
    const text = message instanceof RegExp ? expect.stringMatching(message) : message;
    expect(() => create(body)).toThrow(expect.objectContaining({ code, message: text }));
  });

  it.each([
    { indexes: ["p"], actions: ["*", "*.get", "documents.*", "tasks.*"] },
    { indexes: ["p", "*"], actions: ["version"] },
    { indexes: [], actions: ["version"] },
    { indexes: ["a".repeat(400), "-_*"], actions: [] },
  ])("may be %j", (part) => {
    expect(create({ ...OK, ...part })).toMatchObject(part);
  });
});

describe("a changed key", () => {
  it.each([
    [{}, {}],
    [{ name: null }, { name: null }],
    [
      { name: "n", description: "d" },
      { name: "n", description: "d" },
    ],
  ])("%j", (body, patch) => {
    expect(parseUpdateKey(JSON.stringify(body))).toEqual(patch);
  });

  it.each([
    ["uid", "immutable_api_key_uid"],
    ["actions", "immutable_api_key_actions"],
    ["indexes", "immutable_api_key_indexes"],
    ["expiresAt", "immutable_api_key_expires_at"],
    ["createdAt", "immutable_api_key_created_at"],
    ["updatedAt", "immutable_api_key_updated_at"],
  ])("keeps its %s", (field, code) => {
    const message = `Immutable field \`${field}\`: expected one of \`description\`, \`name\``;
    expect(() => parseUpdateKey(JSON.stringify({ [field]: 1 }))).toThrow(
      expect.objectContaining({ code, message }),
    );
  });
});

it.each([
  ["limit=x", "invalid_api_key_limit"],
  ["offset=-1", "invalid_api_key_offset"],
  ["foo=1", "bad_request"],
])("?%s is %s", (query, code) => {
  expect(() => parseKeysPaging(new URLSearchParams(query))).toThrow(
    expect.objectContaining({ code }),
  );
});
