/**
 * Bodies of the settings routes turned into a `SettingsPatch`. What nodes could never do, or what
 * would make the shard mark findable, is refused here.
 */
import { fill, type Slot } from "../decode/fields.ts";
import { type Json } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";
import { type EnabledFeatures, featureError } from "../query/features.ts";
import { checkEmbedder, checkEmbedderFeatures } from "./check-embedder.ts";
import { MIXED_ATTRIBUTE_RULES, mixesAttributeRules } from "./ranking-rule.ts";
import { refuseReserved } from "./reserved.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import { SETTINGS } from "./setting-table.ts";
import type { SettingName } from "./settings.ts";
import type { PatchOf, SettingsPatch } from "./settings-patch.ts";

/** The patch of `PATCH /indexes/{uid}/settings`. */
export function parseSettings(body: string, enabled: EnabledFeatures = {}): SettingsPatch {
  let patch: SettingsPatch = {};
  const slots: Record<string, Slot> = {};
  for (const name of SETTING_NAMES) {
    slots[name] = new SettingSlot(name, (change) => {
      patch = { ...patch, ...change };
    });
  }
  fill(slots, parseJson(body), Place.root());
  checkFeatures(patch, enabled);
  checkSense(patch);
  return patch;
}

/** The patch of one setting's sub-route; `null` in the body resets it. */
export function parseSetting(
  name: SettingName,
  body: string,
  enabled: EnabledFeatures = {},
): SettingsPatch {
  const patch = oneSetting(name, parseJson(body), Place.root(SETTINGS[name].code));
  checkFeatures(patch, enabled);
  checkSense(patch);
  return patch;
}

/** The patch that resets one setting. */
export function resetSetting(name: SettingName): SettingsPatch {
  return patchOf(name, null);
}

/** The patch that resets all settings. */
export function resetAllSettings(): SettingsPatch {
  let patch: SettingsPatch = {};
  for (const name of SETTING_NAMES) patch = { ...patch, ...resetSetting(name) };
  return patch;
}

function patchOf<Name extends SettingName>(name: Name, value: PatchOf<Name> | null): SettingsPatch {
  return { [name]: value };
}

function oneSetting<Name extends SettingName>(name: Name, value: Json, at: Place): SettingsPatch {
  return patchOf<Name>(name, value === null ? null : SETTINGS[name].decode(value, at));
}

class SettingSlot implements Slot {
  private readonly name: SettingName;
  private readonly give: (change: SettingsPatch) => void;

  constructor(name: SettingName, give: (change: SettingsPatch) => void) {
    this.name = name;
    this.give = give;
  }

  read(value: Json, name: string, parent: Place): void {
    this.give(oneSetting(this.name, value, parent.key(name, SETTINGS[this.name].code)));
  }

  finish(): void {}
}

function checkFeatures(patch: SettingsPatch, enabled: EnabledFeatures): void {
  if (patch.embedders) checkEmbedderFeatures(patch.embedders, enabled);
  for (const name of ["chat", "foreignKeys"] as const) {
    const isGiven = patch[name] !== undefined && patch[name] !== null;
    if (isGiven && enabled[SETTING_FEATURES[name]] !== true) {
      throw featureError(SETTING_FEATURES[name], `setting \`${name}\` in the index settings`);
    }
  }
}

/** Settings that belong to an experimental feature as a whole. */
export const SETTING_FEATURES = { chat: "chatCompletions", foreignKeys: "foreignKeys" } as const;

function checkSense(patch: SettingsPatch): void {
  if (patch.rankingRules && mixesAttributeRules(patch.rankingRules)) {
    throw new ApiError("invalid_settings_ranking_rules", MIXED_ATTRIBUTE_RULES);
  }
  for (const [name, embedder] of Object.entries(patch.embedders ?? {})) {
    if (embedder !== null) checkEmbedder(name, embedder);
  }
  refuseReserved(patch);
}
