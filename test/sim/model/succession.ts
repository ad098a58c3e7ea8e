/**
 * An index that is built to take another one's place, as it can be known from outside: from two logs
 * and what they say of the exchange. What the old log holds behind the fence may go over, each entry
 * once, in order, with its whole content; nothing else of it may be anywhere.
 */
import { documentId } from "../../../worker/core/ids.ts";
import { shardOf } from "../../../worker/core/placement/hash.ts";
import { canonical, folded, type ModelEntry, type State } from "./fold.ts";
import type { LogRecord } from "./log-record.ts";

export class Succession {
  readonly old: LogRecord;
  readonly next: LogRecord;
  /** The entry of the old log that asked for it. */
  readonly fence: number;
  isExchanged = false;
  isDone = false;
  /** How far the new log holds what was copied. */
  #copied = 0;
  #movedTo: number;

  constructor(old: LogRecord, next: LogRecord) {
    this.old = old;
    this.next = next;
    this.fence =
      old.entries.findLast(({ operation }) => operation.kind === "reshard")?.offset ?? old.head;
    this.#movedTo = this.fence;
    next.beginWith({ ...old.state(this.fence), exists: false, documents: new Map() });
  }

  /** An entry of the new log has been seen; what is wrong with it. */
  take(entry: ModelEntry): string | undefined {
    const { old, next, fence } = this;
    const before = old.entries.find(({ token }) => token === entry.token);
    // Entries of Miroir's own begin every log that is built.
    if (before === undefined || (before.offset <= fence && entry.name === null)) {
      if (entry.name !== null) {
        return this.isExchanged ? undefined : `${entry.name} went to ${next.physical} too early`;
      }
      if (this.#movedTo === fence && !this.isExchanged) this.#copied = entry.offset;
      return undefined;
    }
    const what = `entry ${before.offset} of ${old.physical}`;
    if (before.offset <= fence) return `${what} stands before the fence ${fence} and was moved`;
    if (before.offset <= this.#movedTo) return `${what} was moved after entry ${this.#movedTo}`;
    this.#movedTo = before.offset;
    old.moved(before);
    if (before.isCanceled && !entry.isCanceled) return `${what} was canceled and goes on`;
    const [left, right] = [contentOf(before), contentOf(entry)];
    if (left !== right && !this.#failsHere(before, entry)) {
      return `${what} was ${left}, and is ${right}`;
    }
    const stray = strayRow(entry, this.#shardCount);
    return stray === undefined ? undefined : `${what} is moved, and ${stray}`;
  }

  /** The verdict on it is taken where it is delivered, and may be there before anybody looks. */
  #failsHere(before: ModelEntry, entry: ModelEntry): boolean {
    if (entry.operation.kind !== "pass" || !entry.isRefused) return false;
    const state = this.next.state(entry.offset - 1);
    return textOf(folded(state, before)) === textOf(state);
  }

  /** The old log has said that it is succeeded; what is wrong with that. */
  exchange(): string | undefined {
    const { old, next, fence } = this;
    this.isExchanged = true;
    next.readableFrom = this.#copied;
    const what = `${old.physical} is succeeded by ${next.physical}`;
    const [left, right] = [textOf(old.state(fence)), textOf(next.state(this.#copied))];
    if (left !== right) return `${what}: it held ${left}, and now ${right}`;
    const lost = old.entries.find(
      ({ offset, isMoved, operation, name }) =>
        offset > fence && !isMoved && !(operation.kind === "deleteIndex" && name === null),
    );
    if (lost !== undefined) return `${what}, and entry ${lost.offset} stays behind`;
    const shards = next.shardMap?.length;
    if (shards === this.#shardCount) return undefined;
    return `${what}, which has ${shards} shards, not ${this.#shardCount}`;
  }

  get #shardCount(): number {
    const operation = this.old.entries[this.fence - 1]?.operation;
    return operation?.kind === "reshard" ? operation.shardCount : 0;
  }
}

/** What an entry does, however its payload is split. */
function contentOf({ operation, rows, name }: ModelEntry): string {
  const byId = new Map<string, string[]>();
  for (const { shard: _, ...item } of itemsOf({ operation, rows })) {
    const texts = byId.get(item.id) ?? [];
    // An id that is deleted twice is deleted.
    if (item.text !== "" || texts.length === 0) byId.set(item.id, [...texts, item.text]);
  }
  const content = [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const does = operation.kind === "editDocuments" ? { ...operation, beforeImages: "" } : operation;
  return JSON.stringify({ name, does, content });
}

interface Item {
  readonly id: string;
  readonly shard: number;
  readonly text: string;
}

function itemsOf({ operation, rows }: Pick<ModelEntry, "operation" | "rows">): readonly Item[] {
  if (operation.kind === "deleteDocuments") {
    return rows.flatMap(({ shard, text }) =>
      (JSON.parse(`[${text}]`) as unknown[]).map((id) => ({ id: String(id), shard, text: "" })),
    );
  }
  if (operation.kind !== "writeDocuments") return [];
  return rows.flatMap(({ shard, text }) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const fields = JSON.parse(line) as Record<string, unknown>;
        return { id: String(fields["id"]), shard, text: canonical(fields) };
      }),
  );
}

function strayRow(entry: ModelEntry, shardCount: number): string | undefined {
  const stray = itemsOf(entry).find(
    ({ id, shard }) => shard !== shardOf(documentId(id), shardCount),
  );
  return stray === undefined ? undefined : `document ${stray.id} is in shard ${stray.shard}`;
}

function textOf({ exists, filterable, documents }: State): string {
  const texts = [...documents].map(([id, { text }]) => `${id}: ${text}`).toSorted();
  return JSON.stringify({ exists, filterable: [...filterable].toSorted(), texts });
}
