/**
 * Settings as answers show them: every key, in Meilisearch's order, secrets masked. Also the view
 * of a patch, for the details of a task.
 */
import type { EnabledFeatures } from "../query/features.ts";
import { maskSecret } from "./mask-secret.ts";
import { SETTING_FEATURES } from "./parse-settings.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import type { IndexSettings, SettingName } from "./settings.ts";
import type { SettingsPatch } from "./settings-patch.ts";

/** The body of `GET /indexes/{uid}/settings`; what belongs to a feature that is off is not in it. */
export function viewSettings(
  settings: IndexSettings,
  enabled: EnabledFeatures,
): Readonly<Record<string, unknown>> {
  const shown = SETTING_NAMES.filter(
    (name) =>
      (name !== "chat" && name !== "foreignKeys") || enabled[SETTING_FEATURES[name]] === true,
  );
  return Object.fromEntries(shown.map((name) => [name, viewSetting(settings, name)]));
}

/** The body of the sub-route of one setting. */
export function viewSetting(settings: IndexSettings, name: SettingName): unknown {
  return name === "embedders" ? maskKeys(settings.embedders) : settings[name];
}

/** The `details` of a settings task: what was asked, wildcards for attribute lists that were reset. */
export function viewPatch(patch: SettingsPatch): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    SETTING_NAMES.filter((name) => patch[name] !== undefined).map((name) => [
      name,
      viewChange(patch, name),
    ]),
  );
}

function viewChange(patch: SettingsPatch, name: SettingName): unknown {
  const change = patch[name];
  if (change === null && (name === "displayedAttributes" || name === "searchableAttributes")) {
    return ["*"];
  }
  return name === "embedders" && patch.embedders ? maskKeys(patch.embedders) : change;
}

function maskKeys(
  embedders: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(embedders).map(([name, embedder]) => [
      name,
      embedder === null ? null : masked(embedder),
    ]),
  );
}

function masked(embedder: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { apiKey } = embedder;
  return typeof apiKey === "string" ? { ...embedder, apiKey: maskSecret(apiKey) } : embedder;
}
