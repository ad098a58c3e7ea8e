import { Buffer } from "node:buffer";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Base64Mistake, decodeBase64Url } from "../../../worker/core/keys/base64-url.ts";
import { checkVerified, readTenantToken } from "../../../worker/core/keys/tenant-token.ts";

const UID = "6062abda-a5aa-4414-ac91-000000000001";
const HEAD = '{"alg":"HS256","typ":"JWT"}';
const CLAIMS = `{"apiKeyUid":"${UID}","searchRules":["*"]}`;
const encode = (text: string) => Buffer.from(text).toString("base64url");
const token = (head = HEAD, claims = CLAIMS, signature = "c2ln") =>
  `${encode(head)}.${encode(claims)}.${signature}`;
const refused = (reason: string) =>
  expect.objectContaining({
    code: "invalid_api_key",
    message: `Could not decode tenant token, ${reason}.`,
  });

it("is read whole", () => {
  const read = readTenantToken(token(HEAD.replace("256", "384")));
  expect(read).toMatchObject({ hash: "SHA-384", claims: { keyUid: UID, exp: null } });
  expect(read?.signed).toBe(`${encode(HEAD.replace("256", "384"))}.${encode(CLAIMS)}`);
  expect(Buffer.from(read?.signature ?? []).toString()).toBe("sig");
});

it.each(["", "a", "a.b", "0".repeat(64)])("%j is not a tenant token", (text) => {
  expect(readTenantToken(text)).toBeUndefined();
});

describe("is refused", () => {
  it.each([
    ["a.b.c", "Base64 error: Invalid input length: 1"],
    ["..", "JSON error: EOF while parsing a value at line 1 column 0"],
    ["...", "Base64 error: Invalid symbol 46, offset 0."],
    [token(HEAD, CLAIMS, "c2ln="), "Base64 error: Invalid symbol 61, offset 4."],
    [token(HEAD, CLAIMS, "c2l="), "Base64 error: Invalid padding"],
    [token(HEAD, CLAIMS, "c2lx!"), "Base64 error: Invalid symbol 33, offset 4."],
    [token(HEAD, CLAIMS, "AB"), "Base64 error: Invalid last symbol 66, offset 1."],
    [token('{"alg":"RS256"}'), "InvalidAlgorithm"],
    [token('{"typ":"JWT"}'), "JSON error: missing field `alg` at line 1 column 13"],
    [token('{"alg":5}'), "JSON error: expected value at line 1 column 8"],
    [
      token('{"alg":"HS256","x":5}'),
      "JSON error: invalid type: integer `5`, expected a string at line 1 column 21",
    ],
    [
      token('{"alg":"HS256","crit":[5]}'),
      "JSON error: invalid type: integer `5`, expected a string at line 1 column 24",
    ],
    [token(HEAD, "{}"), "JSON error: missing field `searchRules` at line 1 column 2"],
    [
      token(HEAD, "-5"),
      "JSON error: invalid type: integer `-5`, expected struct Claims at line 1 column 2",
    ],
    [
      token(HEAD, '{"searchRules":["*"]}'),
      "JSON error: missing field `apiKeyUid` at line 1 column 21",
    ],
    [
      token(HEAD, '{"apiKeyUid":"x"}'),
      "JSON error: UUID parsing failed: invalid character: found `x` at 0 at line 1 column 16",
    ],
    [
      token(HEAD, '{"searchRules":5,\n"exp":1}'),
      "JSON error: data did not match any variant of untagged enum SearchRules at line 1 column 16",
    ],
    [
      token(HEAD, '{"searchRules":{"*":{"filter":"a","filter":null}}}'),
      "JSON error: data did not match any variant of untagged enum SearchRules at line 1 column 50",
    ],
    [
      token(HEAD, '{"exp":1.5}'),
      "JSON error: invalid type: floating point `1.5`, expected i64 at line 1 column 10",
    ],
    [
      token(HEAD, '{"exp":9223372036854775808}'),
      "JSON error: invalid value: integer `9223372036854775808`, expected i64 at line 1 column 26",
    ],
    [
      token(HEAD, '{"é":1,"exp":[]}'),
      "JSON error: invalid type: sequence, expected i64 at line 1 column 14",
    ],
    [token(HEAD, '{"exp":1,"exp":2}'), "JSON error: duplicate field `exp` at line 1 column 14"],
  ])("%s: %s", (text, reason) => {
    expect(() => readTenantToken(text)).toThrow(refused(reason));
  });

  it("none as its algorithm, in any case", () => {
    for (const name of ["none", "None", "NONE", ""]) {
      expect(() => readTenantToken(token(`{"alg":"${name}"}`))).toThrow(/unknown variant/);
    }
  });
});

describe("once its signature was looked at", () => {
  const check = (claims: object, isSigned: boolean, now: number) => () => {
    const read = readTenantToken(
      token(HEAD, JSON.stringify({ apiKeyUid: UID, searchRules: ["*"], ...claims })),
    );
    if (read !== undefined) checkVerified(read, isSigned, now);
  };

  it("a wrong signature comes before everything else", () => {
    expect(check({ exp: 0, aud: "x" }, false, 5000)).toThrow(refused("InvalidSignature"));
  });

  it("a token for an audience is refused", () => {
    expect(check({ aud: "x" }, true, 0)).toThrow(refused("InvalidAudience"));
    expect(check({ aud: [] }, true, 0)).toThrow(refused("InvalidAudience"));
    expect(check({ aud: 5 }, true, 0)).not.toThrow();
  });

  it("it lasts to the end of its last second", () => {
    expect(check({ exp: 5 }, true, 5999)).not.toThrow();
    expect(check({ exp: 5 }, true, 6000)).toThrow(
      "Tenant token expired. Was valid up to `5` and we're now `6`.",
    );
    expect(check({ exp: null, nbf: 99, iat: "x" }, true, 0)).not.toThrow();
  });
});

it("base64 comes back as it was, and every other text is refused", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString("base64url");
      expect([...decodeBase64Url(text)]).toEqual([...bytes]);
    }),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      const isCanonical = Buffer.from(text, "base64url").toString("base64url") === text;
      if (isCanonical) expect(() => decodeBase64Url(text)).not.toThrow();
      else expect(() => decodeBase64Url(text)).toThrow(Base64Mistake);
    }),
  );
});
