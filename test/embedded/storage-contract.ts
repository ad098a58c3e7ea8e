/** What every storage of an embedded node must do, whatever it is made of. */
import { expect } from "vitest";

import type { NodeStorage } from "../../durable-objects/embedded/storage/storage.ts";

type Check = (storage: NodeStorage) => void;

const LONG_TEXT = `{"id":"big","text":"${"é𝄞x".repeat(400_000)}"}`;

function task(storage: NodeStorage, indexUid: string, status: "succeeded" | "failed"): number {
  const uid = storage.nextTaskUid();
  storage.writeTask({ uid, indexUid, status, json: `{"uid":${uid}}` });
  return uid;
}

export const STORAGE_CONTRACT: Readonly<Record<string, Check>> = {
  "values are read back, replaced and deleted": (storage) => {
    storage.writeValue("a", "1");
    storage.writeValue("b", "2");
    storage.writeValue("a", "3");
    storage.deleteValue("b");
    expect([...storage.readValues()]).toEqual([["a", "3"]]);
  },
  "documents keep every character, however long they are": (storage) => {
    storage.writeDocument(1, { doc: 7, id: "big", text: LONG_TEXT });
    storage.writeDocument(1, { doc: 3, id: "a", text: '{"id":"a"}' });
    expect(storage.document(1, 7)).toBe(LONG_TEXT);
    expect([...storage.documents(1)].map(({ doc, id }) => [doc, id])).toEqual([
      [3, "a"],
      [7, "big"],
    ]);
    storage.writeDocument(1, { doc: 7, id: "big", text: "{}" });
    expect(storage.document(1, 7)).toBe("{}");
  },
  "documents of one index are apart from those of another": (storage) => {
    storage.writeDocument(1, { doc: 0, id: "a", text: "1" });
    storage.writeDocument(2, { doc: 0, id: "a", text: "2" });
    storage.deleteDocuments(1);
    expect(storage.document(1, 0)).toBeUndefined();
    expect(storage.document(2, 0)).toBe("2");
    storage.deleteDocument(2, 0);
    expect([...storage.documents(2)]).toEqual([]);
  },
  "task uids are dense from 0": (storage) => {
    expect([task(storage, "a", "succeeded"), task(storage, "a", "failed")]).toEqual([0, 1]);
    expect(storage.task(1)).toEqual({ uid: 1, indexUid: "a", status: "failed", json: '{"uid":1}' });
    expect(storage.task(2)).toBeUndefined();
  },
  "tasks are listed newest first, by every filter, in pages": (storage) => {
    for (const [uid, status] of [
      ["a", "succeeded"],
      ["b", "failed"],
      ["a", "failed"],
    ] as const) {
      task(storage, uid, status);
    }
    const none = { uids: null, indexUids: null, statuses: null, from: null, limit: 20 };
    const uids = (query: Partial<Parameters<NodeStorage["tasks"]>[0]>): number[] =>
      storage.tasks({ ...none, ...query }).tasks.map(({ uid }) => uid);
    expect(uids({})).toEqual([2, 1, 0]);
    expect(uids({ indexUids: ["a"] })).toEqual([2, 0]);
    expect(uids({ statuses: ["failed"], indexUids: ["a", "b"] })).toEqual([2, 1]);
    expect(uids({ uids: [0, 2, 9] })).toEqual([2, 0]);
    const page = storage.tasks({ ...none, limit: 1, from: 1 });
    expect([page.tasks.map(({ uid }) => uid), page.total, page.next]).toEqual([[1], 3, 0]);
  },
};
