/**
 * The small files of a dump, format v6, as Meilisearch 1.50 reads them (`dump/src/reader/v6`). A dump
 * has no task history: Miroir's tasks are those of a cluster, and an import begins a new one.
 */
import type { FeatureFlags } from "../features/feature-flags.ts";
import type { ApiKey } from "../keys/key.ts";
import { SETTING_NAMES } from "../settings/setting-names.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../settings/settings.ts";
import type { Webhook } from "../webhooks/webhook.ts";

const time = (at: number): string => new Date(at).toISOString();

export function dumpMetadata(now: number): string {
  return JSON.stringify({ dumpVersion: "V6", dbVersion: "1.50.0", dumpDate: time(now) });
}

/** The name of a dump: when it was made, to the millisecond. */
export function dumpUid(now: number): string {
  const digits = time(now).replaceAll(/\D/g, "");
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}

/** One line of `keys.jsonl`. Secrets are not in it: they follow from the master key. */
export function keyLine(key: ApiKey): string {
  const { description, name, uid, actions, indexes, expiresAt } = key;
  const line = {
    ...(description === null ? {} : { description }),
    ...(name === null ? {} : { name }),
    uid,
    actions,
    indexes,
    expires_at: expiresAt === null ? null : time(expiresAt),
    created_at: time(key.createdAt),
    updated_at: time(key.updatedAt),
  };
  return `${JSON.stringify(line)}\n`;
}

export interface DumpedIndex {
  readonly uid: string;
  readonly primaryKey: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function indexMetadata({ uid, primaryKey, createdAt, updatedAt }: DumpedIndex): string {
  return JSON.stringify({
    uid,
    primaryKey: primaryKey ?? null,
    createdAt: time(createdAt),
    updatedAt: time(updatedAt),
  });
}

/** Settings with their secrets: a dump that lacked them could not be used. */
export function dumpSettings(settings: IndexSettings): string {
  // Those of experimental features only where they say something: others know them only with the feature.
  const told = SETTING_NAMES.filter(
    (name) =>
      (name !== "chat" && name !== "foreignKeys") ||
      JSON.stringify(settings[name]) !== JSON.stringify(DEFAULT_SETTINGS[name]),
  );
  return JSON.stringify(Object.fromEntries(told.map((name) => [name, settings[name]])));
}

export function dumpFeatures(flags: FeatureFlags): string {
  return JSON.stringify(flags);
}

export function dumpWebhooks(webhooks: readonly Webhook[]): string {
  const byUuid = webhooks.map(({ uuid, url, headers }) => [uuid, { url, headers }] as const);
  return JSON.stringify({ webhooks: Object.fromEntries(byUuid) });
}
