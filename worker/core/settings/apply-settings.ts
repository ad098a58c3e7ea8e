/** The settings of an index after a change. */
import { SETTINGS } from "./setting-table.ts";
import { DEFAULT_SETTINGS, type IndexSettings, type SettingName } from "./settings.ts";
import type { PatchOf, SettingsPatch } from "./settings-patch.ts";
import { SETTING_NAMES } from "./setting-names.ts";

/**
 * Applies a patch. Throws the `ApiError` with which the change as a whole fails when its parts do
 * not fit what is already there; Meilisearch finds that only inside the task.
 */
export function applySettings(current: IndexSettings, patch: SettingsPatch): IndexSettings {
  let settings = current;
  for (const name of SETTING_NAMES) settings = applyOne(settings, name, patch[name]);
  return settings;
}

function applyOne<Name extends SettingName>(
  settings: IndexSettings,
  name: Name,
  patch: PatchOf<Name> | null | undefined,
): IndexSettings {
  if (patch === undefined) return settings;
  const value =
    patch === null ? DEFAULT_SETTINGS[name] : SETTINGS[name].merge(settings[name], patch);
  return { ...settings, [name]: value };
}
