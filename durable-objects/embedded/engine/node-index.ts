/**
 * One index of the node: its stored documents and settings, and the search index made of them,
 * which is built on first use and kept in step with every write after that.
 */
import { isObject, type JsonObject } from "../../../worker/core/decode/json.ts";
import { readJson } from "../../../worker/core/decode/json-reader.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../../worker/core/settings/settings.ts";
import { SearchIndex } from "../index/search-index.ts";
import { synonymsOf, type Synonyms } from "../search/synonyms.ts";
import { detached } from "../../../worker/core/text/detached.ts";
import { Tokenizer } from "../../../worker/core/text/tokenizer.ts";
import type { NodeStorage } from "../storage/storage.ts";

export interface IndexRecord {
  readonly key: number;
  readonly uid: string;
  readonly primaryKey: string | null;
  readonly settings: IndexSettings;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface DocumentWrite {
  readonly id: string;
  readonly text: string;
  readonly document: JsonObject;
}

/** A stored or checked document, read. */
export function readDocument(text: string): JsonObject {
  const value = readJson(text);
  if (!isObject(value)) throw new TypeError("a document is not an object");
  return value;
}

interface Loaded {
  readonly docs: Map<string, number>;
  readonly ids: Map<number, string>;
  readonly search: SearchIndex;
  bytes: number;
}

export class NodeIndex {
  record: IndexRecord;
  private readonly storage: NodeStorage;
  private loaded: Loaded | undefined;
  private synonymCache: Synonyms | undefined;
  private formatTokenizerCache: Tokenizer | undefined;

  constructor(storage: NodeStorage, record: IndexRecord) {
    this.storage = storage;
    this.record = record;
  }

  get settings(): IndexSettings {
    return this.record.settings;
  }

  get search(): SearchIndex {
    return this.load().search;
  }

  get synonyms(): Synonyms {
    this.synonymCache ??= synonymsOf(this.settings.synonyms, this.search.tokenizer);
    return this.synonymCache;
  }

  /** As Meilisearch does: texts are formatted without regard to stop words. */
  get formatTokenizer(): Tokenizer {
    this.formatTokenizerCache ??= new Tokenizer({ ...this.settings, stopWords: [] });
    return this.formatTokenizerCache;
  }

  get documentCount(): number {
    return this.load().docs.size;
  }

  /** Length of all documents as sent. */
  get documentBytes(): number {
    return this.load().bytes;
  }

  docOf(id: string): number | undefined {
    return this.load().docs.get(id);
  }

  idOf(doc: number): string {
    return this.load().ids.get(doc) ?? "";
  }

  text(doc: number): string {
    return this.storage.document(this.record.key, doc) ?? "{}";
  }

  write({ id: sentId, text, document }: DocumentWrite): void {
    const id = detached(sentId);
    const loaded = this.load();
    const known = loaded.docs.get(id);
    if (known !== undefined) this.forget(known);
    // As Meilisearch does: numbers of deleted documents are used again, the smallest first.
    const doc = known ?? loaded.search.documents.firstAbsent();
    this.storage.writeDocument(this.record.key, { doc, id, text });
    loaded.docs.set(id, doc);
    loaded.ids.set(doc, id);
    loaded.bytes += text.length;
    loaded.search.add(doc, id, document);
  }

  /** False when there is no such document. */
  delete(id: string): boolean {
    const loaded = this.load();
    const doc = loaded.docs.get(id);
    if (doc === undefined) return false;
    this.forget(doc);
    this.storage.deleteDocument(this.record.key, doc);
    loaded.docs.delete(id);
    loaded.ids.delete(doc);
    return true;
  }

  clear(): number {
    const count = this.documentCount;
    this.storage.deleteDocuments(this.record.key);
    this.loaded = undefined;
    return count;
  }

  changeSettings(settings: IndexSettings): void {
    this.record = { ...this.record, settings };
    this.reload();
  }

  /** Drops what is derived: it is built again from the storage when next needed. */
  reload(): void {
    this.loaded = undefined;
    this.synonymCache = undefined;
    this.formatTokenizerCache = undefined;
  }

  private forget(doc: number): void {
    const loaded = this.load();
    loaded.bytes -= this.text(doc).length;
    loaded.search.remove(doc);
  }

  private load(): Loaded {
    if (this.loaded !== undefined) return this.loaded;
    const loaded: Loaded = {
      docs: new Map(),
      ids: new Map(),
      search: new SearchIndex(this.settings),
      bytes: 0,
    };
    for (const { doc, id, text } of this.storage.documents(this.record.key)) {
      loaded.docs.set(id, doc);
      loaded.ids.set(doc, id);
      loaded.bytes += text.length;
      loaded.search.add(doc, id, readDocument(text));
    }
    this.loaded = loaded;
    return loaded;
  }
}

export function newRecord(key: number, uid: string, now: string): IndexRecord {
  return { key, uid, primaryKey: null, settings: DEFAULT_SETTINGS, createdAt: now, updatedAt: now };
}
