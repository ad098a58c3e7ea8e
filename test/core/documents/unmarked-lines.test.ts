import fc from "fast-check";
import { expect, test } from "vitest";

import { UnmarkedLines } from "../../../worker/core/documents/unmarked-lines.ts";
import { shardId } from "../../../worker/core/ids.ts";
import { MARK_FIELD, shardMark } from "../../../worker/core/placement/shard-mark.ts";

/** As `splice.ts` writes it. */
function marked(document: object, shard: number): string {
  const text = JSON.stringify(document);
  const comma = text === "{}" ? "" : ",";
  return `${text.slice(0, -1)}${comma}"${MARK_FIELD}":"${shardMark(shardId(shard))}"}\n`;
}

const document = fc.dictionary(
  fc.string(),
  fc.oneof(fc.string(), fc.integer(), fc.constant(`","${MARK_FIELD}":"«»"}\n`)),
);

test("whatever the pieces, the lines are the documents", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(document, fc.nat({ max: 63 }))),
      fc.integer({ min: 1, max: 200 }),
      (documents, size) => {
        const text = documents.map(([one, shard]) => marked(one, shard)).join("");
        const lines = new UnmarkedLines();
        let shown = "";
        for (let at = 0; at < text.length; at += size)
          shown += lines.push(text.slice(at, at + size));
        shown += lines.end();
        expect(shown).toBe(documents.map(([one]) => `${JSON.stringify(one)}\n`).join(""));
      },
    ),
  );
});
