/**
 * What a key may do. Actions are words; some stand for several others. Every route names one action,
 * and a key that was limited to some indexes can only use it where those indexes can be told apart.
 */

/** Every action that a key can be given, in the order in which Meilisearch lists them. */
export const KEY_ACTIONS = [
  "*",
  "search",
  "documents.*",
  "documents.add",
  "documents.get",
  "documents.delete",
  "indexes.*",
  "indexes.create",
  "indexes.get",
  "indexes.update",
  "indexes.delete",
  "indexes.swap",
  "tasks.*",
  "tasks.cancel",
  "tasks.delete",
  "tasks.get",
  "settings.*",
  "settings.get",
  "settings.update",
  "stats.*",
  "stats.get",
  "metrics.*",
  "metrics.get",
  "dumps.*",
  "dumps.create",
  "snapshots.*",
  "snapshots.create",
  "version",
  "keys.create",
  "keys.get",
  "keys.update",
  "keys.delete",
  "experimental.get",
  "experimental.update",
  "export",
  "network.get",
  "network.update",
  "chatCompletions",
  "chats.*",
  "chats.get",
  "chats.delete",
  "chatsSettings.*",
  "chatsSettings.get",
  "chatsSettings.update",
  "*.get",
  "webhooks.get",
  "webhooks.update",
  "webhooks.delete",
  "webhooks.create",
  "webhooks.*",
  "indexes.compact",
  "fields.post",
  "tasks.compact",
  "dynamicSearchRules.get",
  "dynamicSearchRules.create",
  "dynamicSearchRules.update",
  "dynamicSearchRules.delete",
  "dynamicSearchRules.*",
] as const;

/**
 * Actions of Miroir's own that a key can be given besides: everything under `/_miroir/`, or reading
 * it. Meilisearch's clients never see them: messages that list actions do not name them.
 */
export const MIROIR_ACTIONS = ["miroir.*", "miroir.get"] as const;

export type KeyAction = (typeof KEY_ACTIONS)[number] | (typeof MIROIR_ACTIONS)[number];

/** A key for Miroir's own routes says nothing to a Meilisearch, which would refuse its actions. */
export function isOfMeilisearch({ actions }: { readonly actions: readonly KeyAction[] }): boolean {
  return !MIROIR_ACTIONS.some((action) => actions.includes(action));
}

/** What a route asks for; `none` needs no key. */
export type Action = KeyAction | "none" | "miroir.update";

const READS: ReadonlySet<Action> = new Set<Action>([
  "search",
  "documents.get",
  "export",
  "indexes.get",
  "tasks.get",
  "settings.get",
  "stats.get",
  "metrics.get",
  "version",
  "experimental.get",
  "network.get",
  "chats.get",
  "chatsSettings.get",
  "webhooks.get",
  "fields.post",
  "dynamicSearchRules.get",
]);

/** Whether a list of actions includes one, by its name or by a word that stands for it. */
export function grants(granted: readonly KeyAction[], action: Action): boolean {
  return granted.some((given) => includes(given, action));
}

function includes(given: KeyAction, action: Action): boolean {
  if (given === "*") return action !== "*.get";
  if (given === "*.get") return READS.has(action);
  // As Meilisearch does: `documents.*` is not among the actions that `documents.*` stands for.
  if (given.endsWith(".*")) return action.startsWith(given.slice(0, -1)) && action !== given;
  return given === action;
}

/** Actions for which a key must cover all indexes: they are not about any one of them. */
const GLOBAL: ReadonlySet<Action> = new Set<Action>([
  ...MIROIR_ACTIONS,
  "tasks.compact",
  "metrics.*",
  "metrics.get",
  "dumps.*",
  "dumps.create",
  "snapshots.*",
  "snapshots.create",
  "version",
  "keys.create",
  "keys.get",
  "keys.update",
  "keys.delete",
  "experimental.get",
  "experimental.update",
  "export",
  "network.get",
  "network.update",
  "chats.*",
  "chats.get",
  "chats.delete",
  "chatsSettings.*",
  "chatsSettings.get",
  "chatsSettings.update",
  "webhooks.get",
  "webhooks.update",
  "webhooks.delete",
  "webhooks.create",
  "webhooks.*",
  "dynamicSearchRules.get",
  "dynamicSearchRules.create",
  "dynamicSearchRules.update",
  "dynamicSearchRules.delete",
  "dynamicSearchRules.*",
]);

export function isGlobal(action: Action): boolean {
  return GLOBAL.has(action);
}

/** Actions of routes without an index in their path that look at the key's indexes themselves. */
const CHECKED_BY_ROUTE: ReadonlySet<Action> = new Set<Action>([
  "documents.get",
  "search",
  "indexes.create",
  "indexes.get",
  "indexes.swap",
  "tasks.cancel",
  "tasks.delete",
  "tasks.get",
  "settings.get",
  "stats.*",
  "stats.get",
  "chatCompletions",
]);

export function isCheckedByRoute(action: Action): boolean {
  return CHECKED_BY_ROUTE.has(action);
}

/** Actions that a tenant token can be used for. */
export function acceptsTenantTokens(action: Action): boolean {
  return action === "search" || action === "chatCompletions";
}
