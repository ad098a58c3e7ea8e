import { expect, test } from "vitest";

import { foreignIds, hydratedHit } from "../../../worker/core/foreign/hydration.ts";

const documents: Readonly<Record<string, string>> = {
  "1": '{"id":1,"name":"Ann"}',
  "2": '{"id":2,"name":"Bob"}',
  x: '{"id":"x"}',
};
const lookup = (id: string) => documents[id];

test.for([
  ['{"id":1,"author":1}', '{"id":1,"author":{"id":1,"name":"Ann"}}'],
  ['{"author":"2"}', '{"author":{"id":2,"name":"Bob"}}'],
  ['{"author":99}', '{"author":{}}'],
  ['{"author":null,"b":1}', '{"author":null,"b":1}'],
  ['{"author":[1,"x",99,1.5,true]}', '{"author":[{"id":1,"name":"Ann"},{"id":"x"},{},1.5,true]}'],
  ['{"author":{"id":1}}', '{"author":{"id":{"id":1,"name":"Ann"}}}'],
  ['{"author":[{"k":2}]}', '{"author":[{"k":{"id":2,"name":"Bob"}}]}'],
  [
    '{"author":1,"_formatted":{"author":"1","t":"<em>1</em>"}}',
    '{"author":{"id":1,"name":"Ann"},"_formatted":{"author":{"id":1,"name":"Ann"},"t":"<em>1</em>"}}',
  ],
  ['{"other":9007199254740993}', '{"other":9007199254740993}'],
] as const)("%s", ([hit, hydrated]) => {
  expect(hydratedHit(hit, "author", lookup)).toBe(hydrated);
});

test("a path is a field of that name, and a field within", () => {
  expect(hydratedHit('{"n":{"a":[1]},"n.a":2,"m":[{"a":1}]}', "n.a", lookup)).toBe(
    '{"n":{"a":[{"id":1,"name":"Ann"}]},"n.a":{"id":2,"name":"Bob"},"m":[{"a":1}]}',
  );
});

test("ids are those of the document, not of its formatted copy", () => {
  const hit = '{"author":[1,"x"],"_formatted":{"author":["1","<em>x</em>"]}}';
  expect([...foreignIds(hit, "author")]).toEqual(["1", "x"]);
});
