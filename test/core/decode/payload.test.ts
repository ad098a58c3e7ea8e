import { describe, expect, it } from "vitest";
import { parseJson, requireJsonContentType } from "../../../worker/core/decode/payload.ts";

describe("the content type of a body", () => {
  it.each([
    "application/json",
    "APPLICATION/JSON",
    "application/json; charset=utf-8",
    "application/json; charset=",
    "application/ld+json",
    "application/json+x",
    "text/json",
  ])("%s is JSON", (contentType) => {
    expect(() => requireJsonContentType(contentType)).not.toThrow();
  });

  it.each([
    ["text/plain", "invalid_content_type", 415],
    ["garbage", "invalid_content_type", 415],
    ["application/jsonx", "invalid_content_type", 415],
    ["application/json ;charset=utf-8", "invalid_content_type", 415],
    ["application/json;charset", "invalid_content_type", 415],
    ["", "missing_content_type", 415],
    [null, "missing_content_type", 415],
  ])("%s is refused as %s", (contentType, code, status) => {
    expect(() => requireJsonContentType(contentType)).toThrow(
      expect.objectContaining({ code, status }),
    );
  });
});

describe("a body", () => {
  it("that is empty is missing", () => {
    expect(() => parseJson("")).toThrow(expect.objectContaining({ code: "missing_payload" }));
  });

  it("that is no JSON is malformed, with the reason", () => {
    expect(() => parseJson(" ")).toThrow(
      expect.objectContaining({
        code: "malformed_payload",
        message:
          "The json payload provided is malformed. `EOF while parsing a value at line 1 column 1`.",
      }),
    );
  });
});
