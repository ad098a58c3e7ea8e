/** The keys that exist from the first start on, oldest first. */
import type { NewKey } from "./key.ts";

type DefaultKey = Pick<NewKey, "name" | "description" | "actions">;

const DEFAULTS: readonly DefaultKey[] = [
  {
    name: "Default Chat API Key",
    description: "Use it to chat and search from the frontend",
    actions: ["chatCompletions", "search"],
  },
  {
    name: "Default Read-Only Admin API Key",
    description:
      "Use it to read information across the whole database. Caution! Do not expose this key on a public frontend",
    actions: ["*.get", "keys.get"],
  },
  {
    name: "Default Admin API Key",
    description:
      "Use it for anything that is not a search operation. Caution! Do not expose it on a public frontend",
    actions: ["*"],
  },
  {
    name: "Default Search API Key",
    description: "Use it to search from the frontend",
    actions: ["search"],
  },
];

export function defaultKeys(newUid: () => string): readonly NewKey[] {
  return DEFAULTS.map((key) => ({
    ...key,
    uid: newUid(),
    indexes: ["*"],
    expiresAt: null,
    expiresAtText: null,
  }));
}
