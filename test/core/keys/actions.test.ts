import { describe, expect, it } from "vitest";

import {
  acceptsTenantTokens,
  grants,
  isGlobal,
  KEY_ACTIONS,
} from "../../../worker/core/keys/actions.ts";

const PLAIN = KEY_ACTIONS.filter((action) => !action.endsWith("*") && action !== "*.get");
const READS = [
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
] as const;

describe("grants", () => {
  it.each(KEY_ACTIONS.filter((action) => action.endsWith(".*")))("%s is its family", (family) => {
    const members = PLAIN.filter((action) => action.split(".")[0] === family.split(".")[0]);
    expect(members.length).toBeGreaterThan(0);
    expect(PLAIN.filter((action) => grants([family], action))).toEqual(members);
    expect(grants([family], family)).toBe(false);
  });

  it("* is everything, Miroir's own actions too", () => {
    for (const action of [...PLAIN, "documents.*", "miroir.get"] as const) {
      expect(grants(["*"], action)).toBe(true);
    }
  });

  it("*.get is what reads, but not the keys", () => {
    expect(PLAIN.filter((action) => grants(["*.get"], action)).toSorted()).toEqual(
      READS.toSorted(),
    );
  });

  it.each(PLAIN)("%s is itself alone", (action) => {
    expect(PLAIN.filter((other) => grants([action], other))).toEqual([action]);
    expect(grants([], action)).toBe(false);
    expect(grants([action], "miroir.get")).toBe(false);
  });
});

it("global actions are those of no index", () => {
  const families = new Set(KEY_ACTIONS.filter(isGlobal).map((action) => action.split(".")[0]));
  expect(families).toEqual(
    new Set([
      "chats",
      "chatsSettings",
      "dumps",
      "dynamicSearchRules",
      "experimental",
      "export",
      "keys",
      "metrics",
      "network",
      "snapshots",
      "tasks",
      "version",
      "webhooks",
    ]),
  );
  expect(KEY_ACTIONS.filter((action) => isGlobal(action) && action.startsWith("tasks"))).toEqual([
    "tasks.compact",
  ]);
});

it("tenant tokens search and chat", () => {
  expect(KEY_ACTIONS.filter(acceptsTenantTokens)).toEqual(["search", "chatCompletions"]);
});
