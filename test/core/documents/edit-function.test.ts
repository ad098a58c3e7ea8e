import { expect, test } from "vitest";

import { clientPosition, wrappedFunction } from "../../../worker/core/documents/edit-function.ts";

test("the mark is taken out before the client's function and put back behind it", () => {
  const lines = wrappedFunction("doc.n += 1 // one more").split("\n");
  expect(lines[0]).toMatch(/^let miroir_mark = doc\._miroir_shard; .*doc\.n \+= 1 \/\/ one more$/);
  expect(lines[1]).toContain("doc._miroir_shard = miroir_mark");
});

test("positions in a node's message are those of the client's text", () => {
  const before = wrappedFunction("x").indexOf("x");
  expect(clientPosition(`wrong (line 1, position ${before + 6})`)).toBe(
    "wrong (line 1, position 6)",
  );
  expect(clientPosition("wrong (line 2, position 6)")).toBe("wrong (line 2, position 6)");
});

test.for([
  ["if doc.n > 1 { return; } doc.n = 0", "miroir_not_supported"],
  ["exit()", "miroir_not_supported"],
  ["doc._miroir_shard = 1", "miroir_reserved_field"],
] as const)("%s is refused: the mark could be lost", ([code, expected]) => {
  expect(() => wrappedFunction(code)).toThrow(expect.objectContaining({ code: expected }));
});

test("words that only look like it are fine", () => {
  expect(() => wrappedFunction("doc.returned = doc.exits")).not.toThrow();
});
