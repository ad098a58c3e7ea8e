import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { checkedCsvDelimiter, decodedBody, payloadFormat } from "../../worker/ingest/content.ts";

const accepted =
  "Accepted values for the Content-Type header are: `application/json`, `application/x-ndjson`, `text/csv`";

describe("the content type", () => {
  test.for([
    ["application/json", "json"],
    ["Application/JSON; charset=utf-8", "json"],
    ["application/json;", "json"],
    ["application/x-ndjson", "ndjson"],
    ['text/csv; header="a b"', "csv"],
  ])("%s is %s", ([type = "", format = ""]) => {
    expect(payloadFormat(type, undefined)).toBe(format);
  });

  test.for([
    ["text/plain", "text/plain"],
    ["json", "json"],
    ["", ""],
    ["text/csv;x", "text/csv;x"],
    ["application/json ; charset=utf-8", "application/json ; charset=utf-8"],
    ["application/vnd.api+json", "application/vnd.api"],
    ["application/json, text/csv", "application/json, text/csv"],
    ["*/*", "*/*"],
  ])("%s is invalid", ([type = "", shown = ""]) => {
    expect(() => payloadFormat(type, undefined)).toThrow(
      expect.objectContaining({
        code: "invalid_content_type",
        status: 415,
        message: `The Content-Type \`${shown}\` is invalid. ${accepted}`,
      }),
    );
  });

  test("must be there", () => {
    expect(() => payloadFormat(null, undefined)).toThrow(
      expect.objectContaining({
        code: "missing_content_type",
        message: `A Content-Type header is missing. ${accepted}`,
      }),
    );
  });

  test("takes a delimiter with CSV only", () => {
    expect(payloadFormat("text/csv", ";")).toBe("csv");
    expect(() => payloadFormat("application/json", ";")).toThrow(
      "The Content-Type `application/json` does not support the use of a csv delimiter. The csv delimiter can only be used with the Content-Type `text/csv`.",
    );
  });
});

test.for([
  [
    "",
    "Invalid value in parameter `csvDelimiter`: expected a string of one character, but found an empty string",
  ],
  [
    "ab",
    "Invalid value in parameter `csvDelimiter`: expected a string of one character, but found the following string of 2 characters: `ab`",
  ],
  ["é", "csv delimiter must be an ascii character. Found: `é`"],
])("the delimiter %s is refused", ([delimiter = "", message = ""]) => {
  expect(() => checkedCsvDelimiter(delimiter)).toThrow(message);
});

describe("the content encoding", () => {
  const plain = '[{"id":1}]';
  const stream = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
    new Blob([Buffer.from(bytes)]).stream();

  async function read(bytes: Uint8Array, encoding: string | null): Promise<string> {
    const parts: Uint8Array[] = [];
    for await (const part of decodedBody(stream(bytes), encoding) ?? []) parts.push(part);
    return Buffer.concat(parts).toString();
  }

  test.for([
    ["gzip", gzipSync(plain)],
    ["GZIP", gzipSync(plain)],
    ["deflate", deflateSync(plain)],
    ["br", brotliCompressSync(plain)],
    ["identity", Buffer.from(plain)],
    ["unheard-of", Buffer.from(plain)],
    [null, Buffer.from(plain)],
  ] as const)("%s is decoded", async ([encoding, bytes]) => {
    expect(await read(bytes, encoding)).toBe(plain);
  });

  test.for(["gzip", "deflate", "br"])("a body that is not %s is incomplete", async (encoding) => {
    await expect(read(Buffer.from(plain), encoding)).rejects.toMatchObject({
      code: "bad_request",
      message: "The provided payload is incomplete and cannot be parsed",
    });
  });

  test("a body that is cut short, or missing, is incomplete", async () => {
    await expect(read(gzipSync(plain).subarray(0, 15), "gzip")).rejects.toMatchObject({
      code: "bad_request",
    });
    await expect(
      (async () => {
        for await (const _ of decodedBody(null, "gzip") ?? []) expect.unreachable();
      })(),
    ).rejects.toMatchObject({ code: "bad_request" });
  });
});
