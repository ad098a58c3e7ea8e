import fc from "fast-check";
import { expect, test } from "vitest";
import {
  markedLength,
  markedPieces,
  MarkTails,
  writeMarked,
} from "../../../worker/core/documents/splice.ts";
import { joinBytes } from "../../../worker/core/documents/raw-document.ts";
import { shardId } from "../../../worker/core/ids.ts";
import { shardMark } from "../../../worker/core/placement/shard-mark.ts";
import { bytes, readAll, text } from "./payloads.ts";

const tails = new MarkTails();

function marked(document: string, shard: number, sizes = [1 << 20]): string {
  const [raw] = readAll(bytes(document), "ndjson", sizes);
  if (raw === undefined) throw new Error("no document");
  const tail = tails.tail(shardId(shard));
  const target = new Uint8Array(markedLength(raw, tail) + 6);
  expect(writeMarked(raw, tail, target, 3)).toBe(target.length - 3);
  const whole = target.subarray(3, -3);
  const pieces = joinBytes([...markedPieces(raw, tail)]);
  expect(`${text(pieces).replaceAll("\n", " ")}\n`).toBe(text(whole));
  return text(whole);
}

test.for([
  ['{"id":1}', '{"id":1,"_miroir_shard":"MARK"}\n'],
  ["{}", '{"_miroir_shard":"MARK"}\n'],
  ["{ }", '{ "_miroir_shard":"MARK"}\n'],
  ['{"id" : 1.0\n,\r\n"x":"a\\nb" }', '{"id" : 1.0 ,\r "x":"a\\nb" ,"_miroir_shard":"MARK"}\n'],
])("%s gets its mark as text", ([document = "", line = ""]) => {
  expect(marked(document, 5)).toBe(line.replace("MARK", shardMark(shardId(5))));
});

test("cutting the mark out again gives back the document, for any document, shard and cut", () => {
  const documents = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
  fc.assert(
    fc.property(documents, fc.nat(4095), fc.integer({ min: 1, max: 30 }), (value, shard, size) => {
      const document = JSON.stringify(value);
      const line = marked(document, shard, [size]);
      const suffix = `"_miroir_shard":"${shardMark(shardId(shard))}"}\n`;
      expect(line.endsWith(suffix)).toBe(true);
      const comma = document === "{}" ? 0 : 1;
      expect(`${line.slice(0, -suffix.length - comma)}}`).toBe(document);
    }),
  );
});
