/**
 * Where a node's settings are not what its index has: somebody changed them on the node itself. Both
 * sides are brought to one normal form, as a node may write the same setting in another way.
 */
import { z } from "zod";

import { MARK_FIELD } from "../placement/shard-mark.ts";
import { applySettings } from "./apply-settings.ts";
import { nodeSettings, type KeyedSettings } from "./node-settings.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import { DEFAULT_SETTINGS, type Embedder, type NodeSettings } from "./settings.ts";
import { storedPatch } from "./stored-settings.ts";

type NodeSettingName = keyof NodeSettings;

/** Shown by nodes only in part. */
const SECRETS = new Set(["apiKey", "headers"]);

const held = z.record(z.string(), z.unknown());
const filterable = z.array(z.unknown());
const markRule = z.object({ attributePatterns: z.tuple([z.literal(MARK_FIELD)]) });
const embedders = z.record(z.string(), held);

/** The patch that brings the node back; undefined when there is nothing to bring back. */
export function settingsRepair(
  answer: string,
  expected: KeyedSettings,
): Readonly<Record<string, unknown>> | undefined {
  const wanted = nodeSettings(expected.settings, expected.primaryKey);
  const onNode = held.parse(JSON.parse(answer));
  const patch: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    if (name === "foreignKeys" || name === "chat" || name === "embedders") continue;
    if (!isSame(name, onNode[name], wanted[name])) patch[name] = wanted[name];
  }
  const repaired = embeddersRepair(embedders.parse(onNode["embedders"] ?? {}), wanted.embedders);
  if (repaired !== undefined) patch["embedders"] = repaired;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isSame(name: NodeSettingName, onNode: unknown, wanted: unknown): boolean {
  if (name !== "filterableAttributes") return normal(name, onNode) === normal(name, wanted);
  const [rules, wantedRules] = [filterable.parse(onNode ?? []), filterable.parse(wanted)];
  // The rule for the mark, which no client may have, comes first on both.
  if (!markRule.safeParse(rules[0]).success) return false;
  return normal(name, rules.slice(1)) === normal(name, wantedRules.slice(1));
}

/** As text; of what nobody could have set, the text itself. */
function normal(name: NodeSettingName, value: unknown): string {
  const text = JSON.stringify({ [name]: value ?? null });
  try {
    return JSON.stringify(applySettings(DEFAULT_SETTINGS, storedPatch(text))[name]);
  } catch {
    return text;
  }
}

/** Nodes fill in what was left out: only what the index has is looked at. */
function embeddersRepair(
  onNode: Readonly<Record<string, Embedder>>,
  wanted: Readonly<Record<string, Embedder>>,
): Readonly<Record<string, Embedder | null>> | undefined {
  const repair: Record<string, Embedder | null> = {};
  for (const name of Object.keys(onNode)) if (wanted[name] === undefined) repair[name] = null;
  for (const [name, embedder] of Object.entries(wanted)) {
    const own = onNode[name];
    const isKept = Object.entries(embedder).every(
      ([field, value]) =>
        SECRETS.has(field) || JSON.stringify(own?.[field]) === JSON.stringify(value),
    );
    if (own === undefined || !isKept) repair[name] = embedder;
  }
  return Object.keys(repair).length === 0 ? undefined : repair;
}
