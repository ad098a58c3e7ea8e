import { expect, test } from "vitest";

import { negotiate } from "../../../worker/core/http/accept-encoding.ts";

test.for([
  [null, "plain"],
  ["", "plain"],
  ["*", "plain"],
  ["gzip", "gzip"],
  ["GZIP", "gzip"],
  ["br, gzip", "br"],
  ["gzip, br", "br"],
  ["deflate, gzip", "gzip"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip;q=1.0, br;q=0.5", "gzip"],
  ["identity, gzip", "gzip"],
  ["gzip;q=0.5, identity", "plain"],
  ["foo, gzip;q=0.001", "gzip"],
  ["gzip;q=0", "plain"],
  ["zstd", "plain"],
  ["x-gzip", "plain"],
  ["identity;q=0, gzip;q=0", "unacceptable"],
  ["*;q=0", "unacceptable"],
  ["*;q=0, identity", "plain"],
  ["*;q=0, br", "br"],
] as const)("%j is answered %s", ([header, expected]) => {
  const negotiated = negotiate(header);
  expect(negotiated.kind === "encoded" ? negotiated.encoding : negotiated.kind).toBe(expected);
});
