/** Settings as the registry and the log keep them: JSON text that this program wrote itself. */
import { applySettings } from "./apply-settings.ts";
import { parseSettings } from "./parse-settings.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "./settings.ts";
import type { SettingsPatch } from "./settings-patch.ts";

/** What was accepted when its feature was on stays readable when it is off. */
const EVERY_FEATURE = {
  containsFilter: true,
  multimodal: true,
  compositeEmbedders: true,
  chatCompletions: true,
  foreignKeys: true,
};

/** Whole settings, from their text. */
export function storedSettings(text: string): IndexSettings {
  return applySettings(DEFAULT_SETTINGS, storedPatch(text));
}

/** A patch, from its text. */
export function storedPatch(text: string): SettingsPatch {
  return parseSettings(text, EVERY_FEATURE);
}
