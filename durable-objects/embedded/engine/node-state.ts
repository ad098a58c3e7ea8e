/** The node's indexes and features, read from the storage when it wakes and written with each change. */
import { isObject, type JsonObject } from "../../../worker/core/decode/json.ts";
import { readJson } from "../../../worker/core/decode/json-reader.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { FEATURE_FLAGS } from "../../../worker/core/features/feature-flags.ts";
import { DEFAULT_SETTINGS } from "../../../worker/core/settings/settings.ts";
import type { NodeStorage } from "../storage/storage.ts";
import { type IndexRecord, newRecord, NodeIndex } from "./node-index.ts";
import { settingsAfter } from "./settings-update.ts";

const INDEX_PREFIX = "index:";
const FEATURES = "features";
const NEXT_KEY = "nextIndexKey";

export type Features = Readonly<Record<string, boolean>>;

const UID = /^[A-Za-z0-9_-]{1,400}$/;

export function checkIndexUid(uid: string): void {
  if (UID.test(uid)) return;
  throw new ApiError(
    "invalid_index_uid",
    `\`${uid}\` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 400 bytes.`,
  );
}

function textMember(value: JsonObject, name: string): string | null {
  const member = value.get(name);
  return typeof member === "string" ? member : null;
}

function readRecord(text: string): IndexRecord {
  const value = readJson(text);
  if (!isObject(value)) throw new TypeError("an index record is not an object");
  const settings = value.get("settings");
  return {
    key: Number(textMember(value, "key")),
    uid: textMember(value, "uid") ?? "",
    primaryKey: textMember(value, "primaryKey"),
    settings:
      settings !== undefined && isObject(settings)
        ? settingsAfter(DEFAULT_SETTINGS, settings)
        : DEFAULT_SETTINGS,
    createdAt: textMember(value, "createdAt") ?? "",
    updatedAt: textMember(value, "updatedAt") ?? "",
  };
}

export class NodeState {
  readonly storage: NodeStorage;
  private indexes = new Map<string, NodeIndex>();
  private featureValues: Features = {};
  private nextKey = 0;

  constructor(storage: NodeStorage) {
    this.storage = storage;
    this.reload();
  }

  /** Goes back to what the storage holds. */
  reload(): void {
    this.indexes = new Map();
    for (const [name, value] of this.storage.readValues()) {
      if (name === FEATURES) this.featureValues = readFeatures(value);
      else if (name === NEXT_KEY) this.nextKey = Number(value);
      else if (name.startsWith(INDEX_PREFIX)) {
        const record = readRecord(value);
        this.indexes.set(record.uid, new NodeIndex(this.storage, record));
      }
    }
  }

  get features(): Features {
    return Object.fromEntries(
      FEATURE_FLAGS.map((name) => [name, this.featureValues[name] === true]),
    );
  }

  changeFeatures(change: Features): void {
    this.featureValues = { ...this.featureValues, ...change };
    this.storage.writeValue(FEATURES, JSON.stringify(this.featureValues));
  }

  list(): NodeIndex[] {
    return [...this.indexes.values()].toSorted((a, b) => (a.record.uid < b.record.uid ? -1 : 1));
  }

  find(uid: string): NodeIndex | undefined {
    return this.indexes.get(uid);
  }

  get(uid: string): NodeIndex {
    const index = this.indexes.get(uid);
    if (index !== undefined) return index;
    throw new ApiError("index_not_found", `Index \`${uid}\` not found.`);
  }

  getOrCreate(uid: string, now: string): NodeIndex {
    return this.indexes.get(uid) ?? this.create(uid, now);
  }

  create(uid: string, now: string): NodeIndex {
    if (this.indexes.has(uid)) {
      throw new ApiError("index_already_exists", `Index \`${uid}\` already exists.`);
    }
    const index = new NodeIndex(this.storage, newRecord(this.nextKey, uid, now));
    this.nextKey += 1;
    this.storage.writeValue(NEXT_KEY, String(this.nextKey));
    this.indexes.set(uid, index);
    this.save(index);
    return index;
  }

  save(index: NodeIndex): void {
    const { key, ...rest } = index.record;
    const text = JSON.stringify({ key: String(key), ...rest });
    this.storage.writeValue(INDEX_PREFIX + index.record.uid, text);
  }

  delete(uid: string): number {
    const count = this.get(uid).clear();
    this.storage.deleteValue(INDEX_PREFIX + uid);
    this.indexes.delete(uid);
    return count;
  }
}

function readFeatures(text: string): Features {
  const value = readJson(text);
  if (!isObject(value)) return {};
  return Object.fromEntries([...value].map(([name, member]) => [name, member === true]));
}
